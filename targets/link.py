# SPDX-License-Identifier: Apache-2.0
"""Frames and requests over a serial line that may lose or damage bytes.

The frame is described in runtime_c/agent/frame.h, the requests in runtime_c/agent/agent.h.
"""

from __future__ import annotations

import os
import random
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import serial

from netsuke.compiler.errors import ToolError
from netsuke.targets.fault import BoardFault, read_fault

_HEADER = struct.Struct("<BI")
_CRC = struct.Struct("<I")

ANSWER, ROWS, FAULT, DAMAGED, REFUSED = 0x80, 0x40, 0x41, 0x42, 0x43

_REFUSALS = {
    1: "it does not know this request",
    2: "the request has the wrong length",
    3: "the range lies outside the tensor",
    4: "a request came out of order or before INIT (was the board reset?)",
    5: "the model has more layers than the agent can count (NK_AGENT_LAYERS)",
}

_FIRST_REPEAT_S, _LAST_REPEAT_S = 0.1, 5.0
_MOST_REPEATS = 100
_WRITE_TIMEOUT_S = 1.0
_ENDING_S = 2.0  # a program closes its line before it has ended


class Stream(Protocol):
    """What the link needs of a byte stream: pyserial's interface."""

    def write(self, data: bytes, /) -> int | None:
        """Send all of `data`."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer after a short timeout."""

    def close(self) -> None:
        """Give the stream back."""

    @property
    def in_waiting(self) -> int:
        """Number of bytes that `read` returns at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """One frame's content."""

    kind: int
    sequence: int
    body: bytes


def cobs_encode(data: bytes) -> bytes:
    """Return `data` without zeros (Cheshire and Baker, Consistent Overhead Byte Stuffing)."""
    out = bytearray()
    for part in data.split(b"\0"):
        while len(part) >= 254:
            out += b"\xff" + part[:254]
            part = part[254:]
        out += bytes([len(part) + 1]) + part
    return bytes(out)


def cobs_decode(data: bytes) -> bytes | None:
    """Return what `data` stands for, None where it is damaged. `data` holds no zeros."""
    out = bytearray()
    position = 0
    while position < len(data):
        code = data[position]
        block = data[position + 1 : position + code]
        if len(block) != code - 1:
            return None
        out += block
        position += code
        if code < 255 and position < len(data):
            out.append(0)
    return bytes(out)


def encode(message: Message) -> bytes:
    """Return the bytes that carry `message` on the line."""
    data = _HEADER.pack(message.kind, message.sequence) + message.body
    return b"\0" + cobs_encode(data + _CRC.pack(zlib.crc32(data))) + b"\0"


def decode(frame: bytes) -> Message | None:
    """Return the message between two zeros of the line, None where it is damaged."""
    data = cobs_decode(frame)
    if data is None or len(data) < _HEADER.size + _CRC.size:
        return None
    content, crc = data[: -_CRC.size], data[-_CRC.size :]
    if _CRC.unpack(crc)[0] != zlib.crc32(content):
        return None
    kind, sequence = _HEADER.unpack_from(content)
    return Message(kind, sequence, content[_HEADER.size :])


def open_stream(url: str, baud: int = 115200, *, even_parity: bool = False) -> Stream:
    """Open a serial port by any URL pyserial knows: /dev/ttyACM0, a pty, socket://host:port.

    A pseudo-terminal has no parity: Linux refuses the setting, so it is left out there.
    """
    is_pty = os.path.realpath(url).startswith("/dev/pts/")
    parity = serial.PARITY_EVEN if even_parity and not is_pty else serial.PARITY_NONE
    try:
        stream: Stream = serial.serial_for_url(
            url, baudrate=baud, parity=parity, timeout=0.02, write_timeout=_WRITE_TIMEOUT_S
        )
    except (serial.SerialException, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ToolError(
            f"port {url}", reason, "a serial port", "is the board connected, the port free?"
        ) from error
    return stream


class Link:
    """Asks the agent and gets its answers, however many frames are lost on the way.

    `name` is the port in messages. `check_alive` is called while waiting and raises when the
    other side cannot answer any more (an emulator that ended) or ends within that many seconds.
    """

    def __init__(self, stream: Stream, name: str, check_alive: Callable[[float], None]) -> None:
        self._stream = stream
        self._name = name
        self._check_alive = check_alive
        self._pending = bytearray()
        self._heard_bytes = 0  # since the request, whatever they were
        # Another session's last request must not look like a repetition of our first one.
        self._sequence = random.SystemRandom().getrandbits(32)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def request(
        self,
        kind: int,
        body: bytes,
        timeout_s: float,
        on_rows: Callable[[bytes], None] | None = None,
    ) -> bytes:
        """Return the body of the agent's answer.

        Bodies of ROWS frames that come before it go to `on_rows`. Raises ToolError when there is
        no answer within `timeout_s` or the agent refuses, BoardFault when the board crashed.
        """
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        frame = encode(Message(kind, self._sequence, body))
        self._heard_bytes = 0
        deadline = time.monotonic() + timeout_s
        wait_s = _FIRST_REPEAT_S
        for _ in range(_MOST_REPEATS):
            self._write(frame)
            until = min(deadline, time.monotonic() + wait_s)
            answer = self._wait(kind, until, on_rows)
            if answer is not None:
                return answer
            if time.monotonic() >= deadline:
                raise self._silent(timeout_s)
            if time.monotonic() >= until:
                wait_s = min(2 * wait_s, _LAST_REPEAT_S)
        raise ToolError(
            f"port {self._name}",
            f"{_MOST_REPEATS} damaged frames in one request",
            "a line without noise",
            "check cable, ground and baud rate",
        )

    def _wait(
        self, kind: int, until: float, on_rows: Callable[[bytes], None] | None
    ) -> bytes | None:
        """Return the answer to the current request; None when it should be asked again."""
        while (frame := self._next_frame(until)) is not None:
            message = decode(frame)
            if message is None or message.kind == DAMAGED:
                return None
            if message.kind == FAULT:
                raise BoardFault(f"port {self._name}", read_fault(message.body))
            if message.sequence != self._sequence:
                continue  # a second answer to an earlier request that was sent twice
            if message.kind == ROWS and on_rows:
                on_rows(message.body)
            elif message.kind == REFUSED:
                raise self._refused(message.body)
            elif message.kind == kind | ANSWER:
                return message.body
        return None

    def _next_frame(self, until: float) -> bytes | None:
        """Return the bytes up to the next zero, without empty frames; None at the time `until`."""
        while True:
            frame, zero, rest = self._pending.partition(b"\0")
            if zero:
                self._pending = rest
                if frame:
                    return bytes(frame)
                continue
            if time.monotonic() >= until:
                return None
            self._pending += self._read()

    def _read(self) -> bytes:
        try:
            data = self._stream.read(max(1, self._stream.in_waiting))
        except OSError as error:  # serial.SerialException is one
            self._check_alive(_ENDING_S)
            raise self._gone(error) from error
        if not data:
            self._check_alive(0)
        self._heard_bytes += len(data)
        return data

    def _write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
        except serial.SerialTimeoutException:
            self._check_alive(0)  # as good as lost on the way: it will be sent again
        except OSError as error:
            self._check_alive(_ENDING_S)
            raise self._gone(error) from error

    def _gone(self, error: OSError) -> ToolError:
        return ToolError(
            f"port {self._name}", f"it closed ({error})", hint="was the board unplugged?"
        )

    def _silent(self, timeout_s: float) -> ToolError:
        got, hint = f"no answer within {timeout_s:g} s", "is the firmware flashed"
        if self._heard_bytes:
            got += f" but {self._heard_bytes} other bytes"
            hint += ", is the line's rate 115,200 baud, does another program use it?"
        else:
            hint += ", is it the right port, is the board powered?"
        return ToolError(f"port {self._name}", got, hint=hint)

    def _refused(self, body: bytes) -> ToolError:
        code = int.from_bytes(body[:4], "little")
        reason = _REFUSALS.get(code, f"error {code}")
        return ToolError(f"port {self._name}", f"the agent refused: {reason}")
