# SPDX-License-Identifier: Apache-2.0
"""An STM32 with a bootloader in ROM, at the end of a pseudo-terminal.

The bootloader is a coroutine over the bytes it is sent (AN3155, device side); the flash behaves
as flash does: writing only clears bits, erasing sets a whole sector. On GO an emulator starts
with what the flash holds and takes over the line.

    python -m tests.targets.fake_bootloader nucleo_f446re

prints the port of such a board and keeps it plugged in until it is interrupted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import tty
from collections.abc import Callable, Generator, Iterator
from functools import reduce
from operator import xor
from pathlib import Path

from netsuke.compiler.errors import InputError
from netsuke.targets.flash.parts import flash_part
from netsuke.targets.target import find_target

ACK, NACK = b"\x79", b"\x1f"
COMMANDS = bytes([0x00, 0x02, 0x11, 0x21, 0x31, 0x44])

Line = Generator[None, int, None]


@dataclasses.dataclass
class Chip:
    """A part: its flash by sector sizes, what is broken about it, and a log of what was done.

    `refuse` answers this command with NACK. `stuck` is an address whose bits stay 1. `mute_after`
    and `unplug_after` count bytes received. `flip_received` and `flip_sent` are numbers of bytes
    of which the line flips a bit. `machine` is what GO starts, '' for nothing, with the line at
    its `usart`.
    """

    product_id: int
    sectors: list[int]
    base: int = 0x08000000
    commands: bytes = COMMANDS
    refuse: int | None = None
    protected: bool = False
    stuck: int | None = None
    mute_after: int | None = None
    unplug_after: int | None = None
    flip_received: int | None = None
    flip_sent: int | None = None
    machine: str = ""
    usart: int = 1

    def __post_init__(self) -> None:
        self.flash = bytearray(b"\x5a" * sum(self.sectors))  # a program that was there before
        self.erased: list[int] = []
        self.started_at: int | None = None
        self.answer = bytearray()
        self.sent = 0

    def send(self, line: int) -> None:
        if self.flip_sent is not None and self.sent <= self.flip_sent < self.sent + len(
            self.answer
        ):
            self.answer[self.flip_sent - self.sent] ^= 0x10
        self.sent += os.write(line, self.answer)
        self.answer.clear()

    def erase(self, number: int) -> bool:
        if number >= len(self.sectors):
            return False
        start = sum(self.sectors[:number])
        self.flash[start : start + self.sectors[number]] = b"\xff" * self.sectors[number]
        self.erased.append(number)
        return True

    def program(self, address: int, data: bytes) -> None:
        for i, byte in enumerate(data, address - self.base):
            keep = 0xFF if i + self.base == self.stuck else 0
            self.flash[i] &= byte | keep

    def has(self, address: int) -> bool:
        return self.base <= address < self.base + len(self.flash)


def take(count: int) -> Generator[None, int, bytes]:
    data = bytearray()
    while len(data) < count:
        data.append((yield))
    return bytes(data)


def checked(data: bytes) -> bool:
    """The last byte is the exclusive or of the others."""
    return reduce(xor, data, 0) == 0


def bootloader(chip: Chip) -> Line:
    """The ROM program, until GO. It reads a byte at each yield and answers through the chip."""
    while (yield) != 0x7F:
        pass
    chip.answer += ACK
    actions = {0x11: read, 0x21: go, 0x31: write, 0x44: erase}
    while chip.started_at is None:
        code, complement = yield from take(2)
        refused = code == chip.refuse or (chip.protected and code in actions)
        if complement != code ^ 0xFF or code not in chip.commands or refused:
            chip.answer += NACK
        elif code in actions:
            chip.answer += ACK
            yield from actions[code](chip)
        elif code == 0x00:
            chip.answer += ACK + bytes([len(chip.commands), 0x31]) + chip.commands + ACK
        else:
            chip.answer += ACK + b"\x01" + chip.product_id.to_bytes(2, "big") + ACK


def address(chip: Chip) -> Generator[None, int, int | None]:
    data = yield from take(5)
    value = int.from_bytes(data[:4], "big")
    good = checked(data) and chip.has(value)
    chip.answer += ACK if good else NACK
    return value if good else None


def read(chip: Chip) -> Line:
    start = yield from address(chip)
    if start is None:
        return
    count, complement = yield from take(2)
    if complement != count ^ 0xFF:
        chip.answer += NACK
        return
    offset = start - chip.base
    chip.answer += ACK + chip.flash[offset : offset + count + 1]


def write(chip: Chip) -> Line:
    start = yield from address(chip)
    if start is None:
        return
    (count,) = yield from take(1)
    body = yield from take(count + 2)
    good = checked(bytes([count]) + body) and (count + 1) % 4 == 0 and start % 4 == 0
    if good:
        chip.program(start, body[:-1])
    chip.answer += ACK if good else NACK


def erase(chip: Chip) -> Line:
    head = yield from take(2)
    count = int.from_bytes(head, "big")
    assert count < 0xFFF0, "a mass erase: nobody may ask for that"
    body = yield from take(2 * (count + 1) + 1)
    numbers = [int.from_bytes(body[i : i + 2], "big") for i in range(0, len(body) - 1, 2)]
    good = checked(head + body) and all(chip.erase(number) for number in numbers)
    chip.answer += ACK if good else NACK


def go(chip: Chip) -> Line:
    start = yield from address(chip)
    chip.started_at = start


@contextlib.contextmanager
def plugged_in(chip: Chip) -> Iterator[str]:
    """Yield the path of the serial port that leads to `chip`, in its bootloader."""
    board_side, host_side = os.openpty()
    tty.setraw(host_side)
    port = os.ttyname(host_side)
    stop_read, stop_write = os.pipe()
    emulators: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as folder:

        def start() -> None:
            if chip.machine:
                emulators.append(_emulator(chip, Path(folder) / "flash.bin", board_side))

        thread = threading.Thread(target=_serve, args=(chip, board_side, stop_read, start))
        thread.start()
        try:
            yield port
        finally:
            os.write(stop_write, b"!")
            thread.join()
            for emulator in emulators:
                emulator.kill()
                emulator.wait()
            for end in (host_side, stop_read, stop_write):
                os.close(end)
            if chip.unplug_after is None:
                os.close(board_side)


def _serve(chip: Chip, line: int, stop: int, start: Callable[[], None]) -> None:
    program = bootloader(chip)
    next(program)
    received = 0
    while stop not in select.select([line, stop], [], [])[0]:
        for byte in os.read(line, 4096):
            received += 1
            if received == chip.unplug_after:
                os.close(line)
                return
            if chip.mute_after is not None and received > chip.mute_after:
                continue
            try:
                program.send(byte ^ (0x10 if received - 1 == chip.flip_received else 0))
            except StopIteration:
                chip.send(line)
                start()
                return
        chip.send(line)


def _emulator(chip: Chip, image: Path, line: int) -> subprocess.Popen[bytes]:
    """QEMU with the flash's content as it is now, its serial line on the pseudo-terminal."""
    image.write_bytes(chip.flash)
    command = ["qemu-system-arm", "-machine", chip.machine, "-kernel", str(image)]
    command += ["-icount", "shift=0", "-display", "none", "-monitor", "none"]
    command += ["-chardev", "stdio,id=line,signal=off"]
    command += ["-serial", "null"] * (chip.usart - 1) + ["-serial", "chardev:line"]
    return subprocess.Popen(command, stdin=line, stdout=line, stderr=subprocess.DEVNULL)


def chip_of(board_name: str) -> Chip:
    """An F4 board's part as flashing knows it, whose program QEMU's STM32F405 can run."""
    board = find_target(board_name).board
    flash = find_target(board_name).flash
    if board is None or board.serial is None or flash is None or board.part[:7] != "stm32f4":
        raise InputError("board", board_name, "a board with an STM32F4, as QEMU has one")
    part = flash_part(board.part, flash)
    sizes = [sector.size_bytes for sector in part.sectors]
    return Chip(part.product_id, sizes, machine="netduinoplus2", usart=int(board.serial.name[-1]))


def main() -> None:
    """Plugs a board in and waits: python -m tests.targets.fake_bootloader nucleo_f446re."""
    try:
        chip = chip_of(sys.argv[1] if len(sys.argv) > 1 else "nucleo_f446re")
    except InputError as error:
        sys.exit(str(error))
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore the first
        signal.signal(number, signal.default_int_handler)
    with plugged_in(chip) as port, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
