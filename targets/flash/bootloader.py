# SPDX-License-Identifier: Apache-2.0
"""The serial bootloader in every STM32's ROM, from the host's side.

Source: AN3155 "USART protocol used in the STM32 bootloader", sections 3.1 to 3.8. Commands that
protect or unprotect a part are not here: unprotecting erases all of its flash.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

from netsuke.compiler.errors import ToolError
from netsuke.targets.link import Stream

SYNC, ACK, NACK = 0x7F, 0x79, 0x1F
GET, GET_ID, READ, GO, WRITE, EXTENDED_ERASE = 0x00, 0x02, 0x11, 0x21, 0x31, 0x44
BLOCK_BYTES = 256

_NAMES = {
    GET: "GET",
    GET_ID: "GET ID",
    READ: "READ MEMORY",
    GO: "GO",
    WRITE: "WRITE MEMORY",
    EXTENDED_ERASE: "EXTENDED ERASE",
}
_NEEDED = (GET_ID, READ, GO, WRITE, EXTENDED_ERASE)

_SYNC_ATTEMPTS = 5
_SYNC_S, _ANSWER_S = 0.5, 2.0
_DRAIN_BYTES, _DRAIN_S = 4096, 0.05


@dataclass(frozen=True, slots=True)
class Identity:
    """What a bootloader says of itself: its protocol's version (0x31 is 3.1) and the part's id."""

    version: int
    product_id: int


def checksum(data: bytes) -> int:
    """Return the exclusive or of all bytes."""
    return reduce(xor, data, 0)


class Bootloader:
    """Asks the bootloader at the other end of `stream`; `name` is the port in messages.

    Every method raises ToolError when the part refuses, is silent or the line breaks. None of
    them leaves the bootloader in a state that a reset of the part does not end.
    """

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream = stream
        self._name = name

    def connect(self) -> Identity:
        """Synchronize, and return who answers. Raises when it lacks a command needed here."""
        self._synchronize()
        self._command(GET)
        version, *commands = self._list()
        missing = [_NAMES[code] for code in _NEEDED if code not in commands]
        if missing:
            raise ToolError(
                self._where,
                f"a bootloader without {', '.join(missing)}",
                "all of AN3155's commands",
            )
        self._command(GET_ID)
        return Identity(version, int.from_bytes(self._list(), "big"))

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes, 1 to 256, from `address` on."""
        self._command(READ)
        self._address(READ, address)
        self._send(bytes([size - 1, (size - 1) ^ 0xFF]))
        self._acknowledged(READ, "the number of bytes")
        return self._receive(size, _ANSWER_S)

    def write(self, address: int, data: bytes) -> None:
        """Write up to 256 bytes, a multiple of 4, to erased flash."""
        self._command(WRITE)
        self._address(WRITE, address)
        counted = bytes([len(data) - 1]) + data
        self._send(counted + bytes([checksum(counted)]))
        self._acknowledged(WRITE, f"data for 0x{address:08X}")

    def erase(self, sectors: Sequence[int], timeout_s: float) -> None:
        """Erase the sectors with these numbers and nothing else."""
        self._command(EXTENDED_ERASE)
        words = [len(sectors) - 1, *sectors]
        body = b"".join(word.to_bytes(2, "big") for word in words)
        self._send(body + bytes([checksum(body)]))
        self._acknowledged(EXTENDED_ERASE, "the sectors", timeout_s)

    def go(self, address: int) -> None:
        """Leave the bootloader for the program whose vector table lies at `address`."""
        self._command(GO)
        self._address(GO, address)

    @property
    def _where(self) -> str:
        return f"port {self._name}"

    def _synchronize(self) -> None:
        """The first byte measures the baud rate. A bootloader that knows it already refuses it."""
        self._drain()
        for _ in range(_SYNC_ATTEMPTS):
            self._send(bytes([SYNC]))
            answer = self._wait(1, _SYNC_S)
            if answer and answer[0] in (ACK, NACK):
                return
            self._drain()
        raise ToolError(
            self._where,
            "no answer of a bootloader",
            hint="BOOT0 high, then reset; the port must lead to a USART that AN2606 lists",
        )

    def _drain(self) -> None:
        """Drops what a program or a broken session left on the line."""
        self._wait(_DRAIN_BYTES, _DRAIN_S)

    def _command(self, code: int) -> None:
        self._send(bytes([code, code ^ 0xFF]))
        if self._receive(1, _ANSWER_S)[0] == ACK:
            return
        if code == READ:  # which it has and which needs nothing else
            raise ToolError(
                self._where,
                "a part that is read-out protected (it refuses READ MEMORY)",
                "one that is not",
                "netsuke never unlocks a part, for that erases all of its flash",
            )
        raise self._refused(code, "the command")

    def _address(self, code: int, address: int) -> None:
        data = address.to_bytes(4, "big")
        self._send(data + bytes([checksum(data)]))
        self._acknowledged(code, f"address 0x{address:08X}")

    def _list(self) -> bytes:
        """Return a counted answer; the bootloader acknowledges its end."""
        count = self._receive(1, _ANSWER_S)[0] + 1
        data = self._receive(count, _ANSWER_S)
        self._acknowledged(GET, "nothing")
        return data

    def _acknowledged(self, code: int, what: str, timeout_s: float = _ANSWER_S) -> None:
        if self._receive(1, timeout_s)[0] != ACK:
            raise self._refused(code, what)

    def _refused(self, code: int, what: str) -> ToolError:
        return ToolError(
            self._where,
            f"{_NAMES[code]}: the bootloader refused {what}",
            hint="reset the part into its bootloader and flash again",
        )

    def _send(self, data: bytes) -> None:
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._broken(error) from error

    def _receive(self, size: int, timeout_s: float) -> bytes:
        data = self._wait(size, timeout_s)
        if len(data) < size:
            raise ToolError(
                self._where,
                f"the bootloader went silent ({len(data)} of {size} bytes in {timeout_s:g} s)",
                hint="reset the part into its bootloader and flash again",
            )
        return data

    def _wait(self, size: int, timeout_s: float) -> bytes:
        """Return up to `size` bytes; fewer at the time's end."""
        data = bytearray()
        deadline = time.monotonic() + timeout_s
        try:
            while len(data) < size:
                data += self._stream.read(size - len(data))
                if time.monotonic() >= deadline:
                    break
        except OSError as error:
            raise self._broken(error) from error
        return bytes(data)

    def _broken(self, error: OSError) -> ToolError:
        return ToolError(
            self._where,
            f"it closed ({error})",
            hint="was the cable pulled? Reset the part into its bootloader and flash again",
        )
