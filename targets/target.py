# SPDX-License-Identifier: Apache-2.0
"""What firmware is built for: a board, a bare part, an emulated machine or this host."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from netsuke.compiler.errors import InputError
from netsuke.targets.board import Board, load_boards
from netsuke.targets.device import Device, Memory, device_names, find_device
from netsuke.targets.part_board import part_board

# The emulated machine of each core that runs programs for parts without a machine of their own.
_STAND_INS = {
    "cortex-m3": "mps2-an386",
    "cortex-m4": "mps2-an386",
    "cortex-m7": "mps2-an500",
    "cortex-m33": "mps2-an505",
    "cortex-m55": "mps3-an547",
}


@dataclass(frozen=True, slots=True)
class Isa:
    """What kernels may use: the DSP extension, and MVE (Helium)."""

    dsp: bool
    mve: bool


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to build for.

    `flash` and `ram` are what the linker fills, `external` (None without) may take weights;
    `memories` is everything the part has. `board` describes the peripherals the firmware drives:
    the board itself, the emulated machine, or for a part USART1 at its bootloader's pins; None for
    parts of a family without one, whose firmware only runs in its `stand_in`. All sizes in bytes;
    `host` has no memories and no limits.
    """

    name: str
    kind: Literal["board", "part", "emulator", "stand-in", "host"]
    title: str
    core: str
    isa: Isa
    gcc_flags: tuple[str, ...]
    memories: tuple[Memory, ...]
    flash: Memory | None
    ram: Memory | None
    external: Memory | None
    board: Board | None
    stand_in: Target | None = None

    @property
    def machine(self) -> str:
        """Name of the QEMU machine that runs this target's firmware, '' where there is none."""
        return self.board.machine if self.board else ""

    @property
    def ram_bytes(self) -> int:
        """Bytes of the memory that arena, data and stack share; 0 is no limit."""
        return self.ram.size_bytes if self.ram else 0

    @property
    def more_ram(self) -> tuple[Memory, ...]:
        """RAM beside that which the linker fills: CCM, DTCM, ... Without what has no clock after
        reset: SRAM of domain D2 (RM0433, RCC_AHB2ENR)."""
        own = self.ram
        return tuple(
            m
            for m in self.memories
            if m.kind == "ram" and own and not own.start <= m.start < own.end
            if not m.name.startswith("D2_SRAM")
        )

    @property
    def flash_bytes(self) -> int:
        """Bytes of the memory for code and constants; 0 is no limit."""
        return self.flash.size_bytes if self.flash else 0


def find_target(name: str) -> Target:
    """Return the target called `name`: a board, a machine of QEMU, an STM32 part or 'host'.

    Raises InputError, with the nearest names, where there is none.
    """
    name = name.lower()
    if name == "host":
        return _host()
    for board in load_boards():
        if board.name == name:
            return _board_target(board)
    device = find_device(name)
    if device is not None:
        return _part_target(device)
    candidates = dict.fromkeys(list_targets(name[:8]) + list_targets())
    near = difflib.get_close_matches(name, candidates, n=4)
    hint = f"near: {', '.join(near)}" if near else "netsuke targets lists them"
    raise InputError("target", f"'{name}'", "a board, an STM32 part or an emulator", hint)


def list_targets(query: str = "") -> tuple[str, ...]:
    """Return names of targets that contain `query`.

    Boards, emulators and 'host' always; parts only where the query begins with 'stm32' and a
    family (3,600 names help nobody).
    """
    query = query.lower()
    names = [board.name for board in load_boards()] + ["host"]
    found = [name for name in names if query in name]
    parts = device_names(query) if query.startswith("stm32") and len(query) >= 7 else ()
    return (*found, *(part for part in parts if part not in found))


def emulated(target: Target) -> Target:
    """Return what runs where no board is connected: the target itself or its stand-in."""
    return target.stand_in or target


def _host() -> Target:
    return Target(
        "host", "host", "this machine, as a process", "host", Isa(False, False), (), (), None, None,
        None, None,
    )  # fmt: skip


def _board_target(board: Board) -> Target:
    device = _device_of(board)
    kind: Literal["board", "emulator"] = "emulator" if board.machine else "board"
    target = _target(board.name, kind, board.title, device, board)
    return target if board.machine else dataclasses.replace(target, stand_in=_stand_in(target))


def _part_target(device: Device) -> Target:
    target = _target(device.name, "part", device.name.upper(), device, part_board(device))
    return dataclasses.replace(target, stand_in=_stand_in(target))


def _device_of(board: Board) -> Device:
    """Return the board's part with the memories the board adds."""
    if not board.part:
        return Device(board.name, board.core, board.fpu, board.memories)
    device = find_device(board.part)
    if device is None:
        raise InputError(board.name, f"part '{board.part}'", "a part that modm-devices knows")
    return dataclasses.replace(device, memories=device.memories + board.memories)


def _target(
    name: str,
    kind: Literal["board", "part", "emulator"],
    title: str,
    device: Device,
    board: Board | None,
) -> Target:
    return Target(
        name,
        kind,
        title,
        device.core,
        Isa(dsp=device.core != "cortex-m3", mve=device.core == "cortex-m55"),
        _gcc_flags(device),
        device.memories,
        _largest(device.memories, "flash"),
        _largest(device.memories, "ram"),
        _largest(device.memories, "external"),
        board,
    )


def _stand_in(target: Target) -> Target:
    """Return the emulated machine of `target`'s core with the sizes of its memories.

    RAM and flash lie at other addresses than on the part; the linker keeps them to its sizes.
    """
    board = next(b for b in load_boards() if b.name == _STAND_INS[target.core])
    machine = _board_target(board)

    def resized(where: Memory | None, like: Memory | None) -> Memory | None:
        if where is None or like is None:
            return None
        size = min(where.size_bytes, like.size_bytes)
        return dataclasses.replace(like, start=where.start, size_bytes=size)

    ram = resized(machine.ram, target.ram)
    return dataclasses.replace(
        target,
        kind="stand-in",
        title=f"{target.title}, stood in for by {board.name}",
        flash=resized(machine.flash, target.flash),
        ram=ram,
        memories=tuple(_behind(ram, target.more_ram)) if ram else (),
        external=resized(machine.external, target.external),
        board=board,
        stand_in=None,
    )


def _behind(ram: Memory, more: tuple[Memory, ...]) -> Iterator[Memory]:
    """Memories of the sizes of `more` in the machine's RAM, with a gap behind what is used."""
    start = ram.end
    for memory in more:
        start = (start // GAP_BYTES + 1) * GAP_BYTES
        yield dataclasses.replace(memory, start=start)
        start += memory.size_bytes


GAP_BYTES = 0x1000
"""Between memories of a stand-in, so that they are no neighbours."""


def _largest(memories: tuple[Memory, ...], kind: str) -> Memory | None:
    """Return the largest stretch of neighbouring memories of one kind, named 'SRAM1+SRAM2'."""
    runs: list[Memory] = []
    for memory in sorted((m for m in memories if m.kind == kind), key=lambda m: m.start):
        if runs and runs[-1].end == memory.start:
            last = runs.pop()
            size = last.size_bytes + memory.size_bytes
            memory = Memory(f"{last.name}+{memory.name}", memory.kind, last.start, size)
        runs.append(memory)
    return max(runs, key=lambda run: run.size_bytes, default=None)


def _gcc_flags(device: Device) -> tuple[str, ...]:
    """Return GCC's flags for the core. Integer code needs no FPU, yet may pass floats in it."""
    if device.core == "cortex-m55":
        return ("-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard", "-mfpu=auto")
    if not device.fpu:
        cpu = "cortex-m33+nofp" if device.core == "cortex-m33" else device.core
        return (f"-mcpu={cpu}", "-mthumb", "-mfloat-abi=soft")
    return (f"-mcpu={device.core}", "-mthumb", "-mfloat-abi=hard", f"-mfpu={device.fpu}")
