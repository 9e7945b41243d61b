# SPDX-License-Identifier: Apache-2.0
"""The link and the agent, over lines that lose and damage bytes, are silent or close."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.errors import ToolError
from netsuke.targets import agent
from netsuke.targets.agent import AgentClient
from netsuke.targets.firmware import build_firmware
from netsuke.targets.link import Link, Stream, open_stream
from netsuke.targets.process import board_process
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from tests.targets.conftest import FOLDER, PLUS_ONE_BYTES, Build, plus_one


class NoisyStream:
    """A stream that damages or loses one byte in `every`, both ways, seeded."""

    def __init__(self, stream: Stream, every: int, seed: int) -> None:
        self._stream, self._every, self._rng = stream, every, random.Random(seed)
        self.changes = 0

    def _disturb(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if self._rng.randrange(self._every):
                out.append(byte)
                continue
            self.changes += 1
            if self._rng.randrange(2):
                out.append(byte ^ 1 << self._rng.randrange(8))
        return bytes(out)

    def write(self, data: bytes, /) -> int | None:
        return self._stream.write(self._disturb(data))

    def read(self, size: int, /) -> bytes:
        return self._disturb(self._stream.read(size))

    def close(self) -> None:
        self._stream.close()

    @property
    def in_waiting(self) -> int:
        return self._stream.in_waiting


@pytest.mark.parametrize("seed", range(3))
def test_noise_costs_time_and_nothing_else(build: Build, seed: int) -> None:
    """Every output is right, and no inference runs twice (the model counts them)."""
    firmware = build("plus_one", "host")
    rng = np.random.default_rng(seed)
    with board_process("host firmware", [firmware.elf]) as process:
        noisy = NoisyStream(open_stream(process.port), 1500, seed)
        client = AgentClient(Link(noisy, "noisy", process.check_alive))
        for count in range(1, 13):
            data = rng.integers(0, 256, PLUS_ONE_BYTES, np.uint8).tobytes()
            *_, expected = plus_one(data, count)
            assert client.run(data) == expected.tobytes()
        assert noisy.changes > 20
        noisy.close()


def test_a_trace_over_noise_is_whole(build: Build) -> None:
    firmware = build("plus_one", "host")
    data = bytes(i % 251 for i in range(PLUS_ONE_BYTES))
    with board_process("host firmware", [firmware.elf]) as process:
        noisy = NoisyStream(open_stream(process.port), 5000, 1)
        client = AgentClient(Link(noisy, "noisy", process.check_alive))
        for _ in range(6):
            output, layers = client.trace(data, dict.fromkeys(range(3), PLUS_ONE_BYTES))
            expected = plus_one(data, int(output[-1]))
            assert all(np.array_equal(layers[i], expected[i]) for i in range(3))
        assert noisy.changes > 5
        noisy.close()


@pytest.fixture
def silent_port() -> Iterator[str]:
    """A pseudo-terminal with nobody at its other end."""
    board_side, host_side = os.openpty()
    tty.setraw(host_side)
    yield os.ttyname(host_side)
    os.close(board_side)
    os.close(host_side)


def test_a_silent_board_is_an_error_within_the_limit(
    silent_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "_SHORT_S", 0.3)
    with (
        pytest.raises(
            ToolError, match=rf"port {silent_port}: got no answer within 0.3 s .*powered"
        ),
        session(find_target("nucleo_f446re"), None, silent_port),
    ):
        pass


def test_another_program_on_the_line_is_told_from_silence() -> None:
    talking = ["sh", "-c", "while :; do printf 'U-Boot 2021.04 =>'; sleep 0.01; done"]
    with board_process("boot loader", talking) as process:
        link = Link(open_stream(process.port), "other", process.check_alive)
        with pytest.raises(
            ToolError, match=r"got no answer within 0.5 s but \d+ other bytes .*115,200 baud"
        ):
            link.request(agent.HELLO, b"", 0.5)
        link.close()


def test_a_board_that_hangs_is_an_error_within_the_limit() -> None:
    """It takes no bytes any more, so that writing blocks once the line's buffer is full."""
    with board_process("hanging board", ["sleep", "1000"]) as process:
        link = Link(open_stream(process.port), "hung", process.check_alive)
        start = time.monotonic()
        for _ in range(3):
            with pytest.raises(ToolError, match=r"port hung: got no answer within 0.8 s"):
                link.request(agent.WRITE_INPUT, bytes(3000), 0.8)
        assert time.monotonic() - start < 8
        link.close()


def test_any_request_leaves_the_agent_alive(tmp_path: Path) -> None:
    """2,000 requests with good CRCs and random kinds and bodies, ASan and UBSan on."""
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [FOLDER / "glue_stream.c"]
    host = find_target("host")
    firmware = build_firmware(sources, [], host, tmp_path, optimize="size", extra_flags=flags)
    rng = random.Random(9)
    with board_process("host firmware", [firmware.elf]) as process:
        link = Link(open_stream(process.port), "host", process.check_alive)
        for _ in range(2000):
            words = (rng.choice([0, 1, 2, 60, 1200, 2**31, 2**32 - 1]) for _ in range(3))
            body = b"".join(word.to_bytes(4, "little") for word in words)[: rng.randrange(13)]
            body += rng.randbytes(rng.choice([0, 0, 8, 1024]))
            with contextlib.suppress(ToolError):
                link.request(rng.randrange(10), body, 60)
        assert AgentClient(link).hello.layers == 2
        link.close()


def test_a_port_that_does_not_exist() -> None:
    with (
        pytest.raises(ToolError, match=r"port /nowhere/ttyACM0: .*is the board connected"),
        session(find_target("nucleo_f446re"), None, "/nowhere/ttyACM0"),
    ):
        pass


def test_a_program_that_ends_says_so(build: Build) -> None:
    firmware = build("plus_one", "host")
    with (
        pytest.raises(ToolError, match="host firmware ended with signal SIGSEGV"),
        session(find_target("host"), firmware, None) as client,
    ):
        client.run(b"bus" + bytes(PLUS_ONE_BYTES - 3))


def test_over_a_socket(build: Build) -> None:
    """socket:// as pyserial opens it, towards a thread that passes bytes on to the process."""
    firmware = build("plus_one", "host")
    server = socket.create_server(("127.0.0.1", 0))

    def pass_on(port: str) -> None:
        connection, _ = server.accept()
        stream = open_stream(port)
        with connection:
            connection.settimeout(0.01)
            while True:
                try:
                    received = connection.recv(4096)
                    if not received:
                        break
                    stream.write(received)
                except TimeoutError:
                    pass
                if waiting := stream.in_waiting:
                    connection.sendall(stream.read(waiting))
        stream.close()

    with board_process("host firmware", [firmware.elf]) as process:
        thread = threading.Thread(target=pass_on, args=(process.port,))
        thread.start()
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with session(find_target("host"), None, url) as client:
            data = bytes(PLUS_ONE_BYTES)
            assert client.run(data) == plus_one(data, 1)[2].tobytes()
        thread.join(timeout=10)
        server.close()
        assert not thread.is_alive()


def test_the_agent_refuses_what_it_cannot_do(build: Build) -> None:
    firmware = build("plus_one", "host")
    with board_process("host firmware", [firmware.elf]) as process:
        link = Link(open_stream(process.port), "host", process.check_alive)
        for kind, body, reason in [
            (99, b"", "does not know this request"),
            (agent.INVOKE, b"", "before INIT"),
            (agent.INIT, b"\0", "wrong length"),
            (agent.WRITE_INPUT, (1199).to_bytes(4, "little") + b"ab", "outside the tensor"),
            (agent.WRITE_INPUT, (2**32 - 1).to_bytes(4, "little") + b"ab", "outside the tensor"),
            (agent.READ_OUTPUT, bytes.fromhex("00000000 ffffffff"), "outside the tensor"),
            (agent.READ_OUTPUT, bytes.fromhex("ffffffff 02000000"), "outside the tensor"),
            (agent.PROFILE, (4).to_bytes(4, "little"), "outside the tensor"),
        ]:
            with pytest.raises(ToolError, match=reason):
                link.request(kind, body, 5)
        link.close()
