# SPDX-License-Identifier: Apache-2.0
"""A line that damages, loses, repeats and swaps frames, and a board that is reset meanwhile.

The agent's C code runs in this process and the link waits in virtual time, so that a million
frames (NETSUKE_FRAMES sets how many) take minutes. An answer that is accepted must be right.
"""

from __future__ import annotations

import collections
import ctypes
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from netsuke.compiler.errors import ToolError
from netsuke.targets import link
from netsuke.targets.agent import AgentClient
from netsuke.targets.firmware import RUNTIME_C
from netsuke.targets.link import Link
from tests.targets.conftest import FOLDER, PLUS_ONE_BYTES, plus_one

FRAMES = int(os.environ.get("NETSUKE_FRAMES", "1000000"))
FAULTY = 0.03
"""Of frames. A board is reset in one fault of twenty."""

PATIENCE_S = 0.02
"""How long a read waits in vain, as that of open_stream does."""


class Agent:
    """The agent with the model of glue_plus_one.c, as a shared library under UBSan."""

    def __init__(self, library: Path) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.agent_feed.restype = ctypes.c_void_p
        self.reset = self._c.agent_reset
        self.reset()

    def feed(self, data: bytes) -> bytes:
        """What the agent sends while it gets `data`."""
        size = ctypes.c_uint32()
        answer = self._c.agent_feed(data, len(data), ctypes.byref(size))
        return ctypes.string_at(answer, size.value)


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    library = tmp_path_factory.mktemp("agent") / "agent.so"
    flags = ["-std=c99", "-O1", "-shared", "-fPIC", "-fsanitize=undefined"]
    flags += ["-fno-sanitize-recover=all", f"-I{RUNTIME_C / 'agent'}", f"-I{RUNTIME_C / 'include'}"]
    sources = [FOLDER / "agent_library.c", FOLDER / "glue_plus_one.c"]
    sources += [RUNTIME_C / "agent" / name for name in ("frame.c", "watermark.c")]
    subprocess.run(["gcc", *flags, *sources, "-o", library], check=True)
    return Agent(library)


@dataclass
class FaultyLine:
    """A stream to `agent`; every frame of either side may meet a fault."""

    agent: Agent
    rng: random.Random
    now_s: float = 0.0
    frames: int = 0
    faults: collections.Counter[str] = field(default_factory=collections.Counter)
    _held: dict[bool, list[tuple[int, bytes]]] = field(
        default_factory=lambda: {True: [], False: []}
    )
    _arrived: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes, /) -> int | None:
        for piece in self._disturbed(data, to_board=True):
            for frame in _frames(self.agent.feed(piece)):
                for answer in self._disturbed(frame, to_board=False):
                    self._arrived += answer
        return len(data)

    def read(self, size: int, /) -> bytes:
        if not self._arrived:
            self.now_s += PATIENCE_S
        data, self._arrived = self._arrived[:size], self._arrived[size:]
        return bytes(data)

    def close(self) -> None:
        """Nothing to give back."""

    @property
    def in_waiting(self) -> int:
        return len(self._arrived)

    def _disturbed(self, frame: bytes, *, to_board: bool) -> list[bytes]:
        """What arrives when `frame` is sent: late ones of before come after it."""
        self.frames += 1
        waiting = [(n - 1, late) for n, late in self._held[to_board]]
        self._held[to_board] = [entry for entry in waiting if entry[0] > 0]
        late = [data for n, data in waiting if n <= 0]
        if self.rng.random() >= FAULTY:
            return [frame, *late]
        return [*self._fault(frame, to_board), *late]

    def _fault(self, frame: bytes, to_board: bool) -> list[bytes]:
        kinds = ("bits", "loss", "part", "again", "late", "late copy")
        kind = "reset" if self.rng.random() < 0.05 else self.rng.choice(kinds)
        self.faults[kind] += 1
        cut = self.rng.randrange(len(frame))
        if kind == "bits":
            return [self._flipped(frame)]
        if kind == "reset":  # in the middle of a frame
            self.agent.feed(frame[:cut] if to_board else b"")
            self.agent.reset()
            return [frame[cut:]]
        if kind in ("late", "late copy"):
            self._held[to_board].append((self.rng.randint(1, 3), frame))
        return {
            "loss": [],
            "part": [frame[:cut] + frame[cut + self.rng.randint(1, 20) :]],
            "again": [frame, frame],
            "late": [],
            "late copy": [frame],
        }[kind]

    def _flipped(self, frame: bytes) -> bytes:
        out = bytearray(frame)
        for _ in range(self.rng.randint(1, 4)):
            out[self.rng.randrange(len(out))] ^= 1 << self.rng.randrange(8)
        return bytes(out)


def _frames(data: bytes) -> Iterator[bytes]:
    """The frames of what the agent sent, each between two zeros."""
    return (b"\0" + part + b"\0" for part in data.split(b"\0") if part)


@dataclass
class Outcome:
    """Of a run of many inferences."""

    wrong: int = 0
    right: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    """Of an inference or its refusal, for each fault that it met."""


def soak(agent: Agent, frames: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Inferences until `frames` frames went over the line; every twentieth is traced."""
    agent.reset()
    line = FaultyLine(agent, random.Random(seed))
    monkeypatch.setattr(link, "time", SimpleNamespace(monotonic=lambda: line.now_s))
    client = AgentClient(Link(line, "faulty", lambda _: None))
    rng, outcome = np.random.default_rng(seed), Outcome()
    while line.frames < frames:
        data = rng.integers(0, 256, PLUS_ONE_BYTES, np.uint8).tobytes()
        began_s, met = line.now_s, line.faults.total()
        try:
            right = _right(client, data, traced=bool(rng.random() < 0.05))
            outcome.right += right
            outcome.wrong += not right
        except ToolError as error:
            assert "out of order" in str(error), error
            outcome.refused += 1
        faults = max(1, line.faults.total() - met)
        outcome.slowest_s = max(outcome.slowest_s, (line.now_s - began_s) / faults)
    print(f"{line.frames} frames, faults {dict(line.faults)}, {outcome}")
    assert outcome.refused <= line.faults["reset"] and min(line.faults.values()) > 0
    return outcome


def _right(client: AgentClient, data: bytes, *, traced: bool) -> bool:
    """One inference, all but the last byte of it, which counts inferences."""
    *layers, want = plus_one(data, 0)
    output, got = client.trace(data, dict.fromkeys(range(2), PLUS_ONE_BYTES)) if traced else (
        client.run(data), {}
    )  # fmt: skip
    return output[:-1] == want.tobytes()[:-1] and all(
        np.array_equal(rows, layers[i]) for i, rows in got.items()
    )


def test_faults_cost_time_and_nothing_else(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = soak(agent, 20_000, 1, monkeypatch)
    assert outcome.wrong == 0 and outcome.slowest_s < 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_million_frames(agent: Agent, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = soak(agent, FRAMES // 10, seed, monkeypatch)
    assert outcome.wrong == 0 and outcome.slowest_s < 1
