# SPDX-License-Identifier: Apache-2.0
"""The board agent as seen from the host: one model, run and measured over a link."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from netsuke.compiler.errors import InputError, ToolError
from netsuke.targets.link import Link

VERSION = 2
HELLO, INIT, WRITE_INPUT, INVOKE, READ_OUTPUT, PROFILE, TRACE, CHECK = range(1, 9)

OnRows = Callable[[bytes], None] | None
Unit = Literal["nanoseconds", "instructions", "cycles"]
_UNITS: tuple[Unit, ...] = ("nanoseconds", "instructions", "cycles")

_HELLO = struct.Struct("<I32s11I")
_PROFILE = struct.Struct("<QII")
_ROWS = struct.Struct("<III")

_SHORT_S = 10.0
_TRACE_TRIES = 10


@dataclass(frozen=True, slots=True)
class Hello:
    """What runs on the other side. Sizes in bytes; `sha256` is the model file's, in hex.

    `clock_hz` is what the core came up with, 0 where it means nothing or is not known.
    """

    version: int
    sha256: str
    arena_bytes: int
    input_bytes: int
    output_bytes: int
    layers: int
    streamed: bool
    unit: Unit
    milliunits_per_tick: int
    stack_bytes: int
    chunk_bytes: int
    agent_ram_bytes: int
    clock_hz: int


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """Counts of one inference, in `unit`. What `layers` lack to `total` ran outside of layers."""

    unit: Unit
    total: int
    layers: tuple[int, ...]
    arena_watermark_bytes: int
    stack_watermark_bytes: int


class _LostRows(Exception):
    """Some rows of a trace did not arrive."""


class AgentClient:
    """Talks to one board. `invoke_timeout_s` bounds one inference, answers included."""

    def __init__(self, link: Link, invoke_timeout_s: float = 120) -> None:
        self._link = link
        self._invoke_timeout_s = invoke_timeout_s
        self.hello = self._hello()

    def _hello(self) -> Hello:
        """Return the agent's greeting. Raises ToolError where it speaks another version."""
        body = self._link.request(HELLO, b"", _SHORT_S)
        version = int.from_bytes(body[:4], "little")
        if version != VERSION:
            raise ToolError(
                "board agent",
                f"protocol version {version}",
                f"version {VERSION}",
                "build and flash the firmware again",
            )
        _, sha256, *sizes = _HELLO.unpack(body)
        arena, inputs, outputs, layers, streamed, unit, *rest = sizes
        return Hello(
            version, sha256.hex(), arena, inputs, outputs, layers, bool(streamed), _UNITS[unit],
            *rest,
        )  # fmt: skip

    def require_model(self, sha256: str) -> None:
        """Raise ToolError unless the firmware holds the model whose file has this SHA-256 (hex)."""
        if self.hello.sha256 != sha256:
            raise ToolError(
                "board agent",
                f"model {self.hello.sha256[:12]}",
                f"model {sha256[:12]}",
                "flash the firmware of this model",
            )

    def require_weights(self) -> None:
        """Raise ToolError unless all weights on the board have their CRC-32."""
        body = self._link.request(CHECK, b"", self._invoke_timeout_s)
        if not int.from_bytes(body, "little"):
            raise ToolError(
                "weights on the board",
                "another CRC-32",
                "that of the model's",
                "flash the firmware again, external.bin too where there is one",
            )

    def run(self, data: bytes, *, paint: bool = False) -> bytes:
        """Return the bytes of all outputs for the bytes of all inputs, each in graph order.

        `paint` fills arena and stack with a pattern first, so that `profile` has watermarks.
        """
        self._start(data, paint)
        self._link.request(INVOKE, b"", self._invoke_timeout_s)
        return self.read_output()

    def read_output(self) -> bytes:
        """Return the output bytes of the last inference."""
        size, chunk = self.hello.output_bytes, self.hello.chunk_bytes
        return b"".join(
            self._link.request(
                READ_OUTPUT, struct.pack("<II", offset, min(chunk, size - offset)), _SHORT_S
            )
            for offset in range(0, size, chunk)
        )

    def profile(self) -> ProfileResult:
        """Return the counts of the last inference; watermarks are 0 unless it was painted."""
        scale = self.hello.milliunits_per_tick
        ticks: list[int] = []
        while True:
            body = self._link.request(PROFILE, struct.pack("<I", len(ticks)), _SHORT_S)
            total, stack, arena = _PROFILE.unpack_from(body)
            ticks += np.frombuffer(body, "<u8", offset=_PROFILE.size).tolist()
            if len(ticks) >= self.hello.layers:
                break
        layers = tuple(tick * scale // 1000 for tick in ticks)
        return ProfileResult(self.hello.unit, total * scale // 1000, layers, arena, stack)

    def trace(
        self, data: bytes, sizes: Mapping[int, int]
    ) -> tuple[bytes, dict[int, npt.NDArray[np.uint8]]]:
        """Return the outputs and, for each layer of `sizes`, the bytes of its output tensor.

        `sizes` gives the number of bytes of each layer's output. All layers between the lowest
        and the highest are sent over the link. Raises ToolError when frames keep getting lost.
        """
        try:
            for _ in range(_TRACE_TRIES):
                try:
                    layers = self._traced_run(data, sizes)
                except _LostRows:
                    continue
                return self.read_output(), layers
        finally:
            self._link.request(TRACE, struct.pack("<II", 0, 0), _SHORT_S)
        raise ToolError("board agent", f"lost rows in each of {_TRACE_TRIES} traces")

    def _traced_run(
        self, data: bytes, sizes: Mapping[int, int]
    ) -> dict[int, npt.NDArray[np.uint8]]:
        layers = {layer: np.zeros(size, np.uint8) for layer, size in sizes.items()}
        first, end = min(sizes, default=0), max(sizes, default=-1) + 1
        self._link.request(TRACE, struct.pack("<II", first, end), _SHORT_S)
        seen: set[int] = set()

        def on_rows(body: bytes) -> None:
            number, layer, offset = _ROWS.unpack_from(body)
            rows = np.frombuffer(body, np.uint8, offset=_ROWS.size)
            seen.add(number)
            if layer in layers:
                if offset + rows.size > layers[layer].size:
                    raise ToolError(
                        f"trace of layer {layer}",
                        f"bytes {offset} to {offset + rows.size}",
                        f"at most {layers[layer].size} bytes",
                    )
                layers[layer][offset : offset + rows.size] = rows

        self._start(data, False, on_rows)
        body = self._link.request(INVOKE, b"", self._invoke_timeout_s, on_rows)
        reset_since_trace = bool(layers) and not seen
        if reset_since_trace or len(seen) != int.from_bytes(body, "little"):
            raise _LostRows
        return layers

    def _start(self, data: bytes, paint: bool, on_rows: OnRows = None) -> None:
        """Begin an inference and write all of its input."""
        if len(data) != self.hello.input_bytes:
            raise InputError("input", f"{len(data)} bytes", f"{self.hello.input_bytes} bytes")
        self._link.request(INIT, struct.pack("<I", paint), _SHORT_S)
        for offset in range(0, len(data), self.hello.chunk_bytes):
            chunk = data[offset : offset + self.hello.chunk_bytes]
            body = struct.pack("<I", offset) + chunk
            # A streamed model computes while its input comes in.
            self._link.request(WRITE_INPUT, body, self._invoke_timeout_s, on_rows)
