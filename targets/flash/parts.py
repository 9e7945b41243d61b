# SPDX-License-Identifier: Apache-2.0
"""What flashing has to know of a part: its product id and the sectors of its flash.

Sources: AN2606 "STM32 microcontroller system memory boot mode" for the ids (the same that
DBGMCU_IDCODE holds), and the section "Embedded flash memory" of each reference manual for the
sectors, with option bytes as delivered (one bank on F7, two on L4, L4+, L5 and G4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.targets.device import Memory

_KIB = 1024

# Runs of (count, KiB) from the start of flash on; they repeat until its end, which is how parts
# of two banks continue.
_SECTORS = {
    "f4": ((4, 16), (1, 64), (7, 128)),
    "f413": ((4, 16), (1, 64), (11, 128)),
    "f72": ((4, 16), (1, 64), (3, 128)),
    "f7": ((4, 32), (1, 128), (7, 256)),
    "128k": ((1, 128),),
    "8k": ((1, 8),),
    "4k": ((1, 4),),
    "2k": ((1, 2),),
    "1k": ((1, 1),),
}

# Names of parts, product id, sectors, and the file that tells openocd of the family.
_PARTS = (
    ("stm32f10[123].[46]", 0x412, "1k", "stm32f1x"),
    ("stm32f10[123].[8b]", 0x410, "1k", "stm32f1x"),
    ("stm32f10[13].[c-e]", 0x414, "2k", "stm32f1x"),
    ("stm32f10[13].[fg]", 0x430, "2k", "stm32f1x"),
    ("stm32f10[57]", 0x418, "2k", "stm32f1x"),
    ("stm32f100.[468b]", 0x420, "1k", "stm32f1x"),
    ("stm32f100.[c-e]", 0x428, "2k", "stm32f1x"),
    ("stm32f3(0[23].[bc]|58)", 0x422, "2k", "stm32f3x"),
    ("stm32f3(0[23].[de]|98)", 0x446, "2k", "stm32f3x"),
    ("stm32f3(02.[68]|[01][18])", 0x439, "2k", "stm32f3x"),
    ("stm32f3(03.[68]|28|34)", 0x438, "2k", "stm32f3x"),
    ("stm32f37[38]", 0x432, "2k", "stm32f3x"),
    ("stm32f401.[bc]", 0x423, "f4", "stm32f4x"),
    ("stm32f401.[de]", 0x433, "f4", "stm32f4x"),
    ("stm32f4[01][57]", 0x413, "f4", "stm32f4x"),
    ("stm32f410", 0x458, "f4", "stm32f4x"),
    ("stm32f411", 0x431, "f4", "stm32f4x"),
    ("stm32f412", 0x441, "f4", "stm32f4x"),
    ("stm32f4[12]3", 0x463, "f413", "stm32f4x"),
    ("stm32f4[23][79]", 0x419, "f4", "stm32f4x"),
    ("stm32f446", 0x421, "f4", "stm32f4x"),
    ("stm32f4[67]9", 0x434, "f4", "stm32f4x"),
    ("stm32f7[23][023]", 0x452, "f72", "stm32f7x"),
    ("stm32f7(45|46|50|56)", 0x449, "f7", "stm32f7x"),
    ("stm32f7[67][579]", 0x451, "f7", "stm32f7x"),
    ("stm32h7[45][2357].i", 0x450, "128k", "stm32h7x_dual_bank"),
    ("stm32h7[45][02357]", 0x450, "128k", "stm32h7x"),
    ("stm32h7[23][035]", 0x483, "128k", "stm32h7x"),
    ("stm32h7[ab]3.i", 0x480, "8k", "stm32h7x_dual_bank"),
    ("stm32h7[ab][03]", 0x480, "8k", "stm32h7x"),
    ("stm32l4[78][156]", 0x415, "2k", "stm32l4x"),
    ("stm32l4[9a]6", 0x461, "2k", "stm32l4x"),
    ("stm32l4[34][1-3]", 0x435, "2k", "stm32l4x"),
    ("stm32l4[56][12]", 0x462, "2k", "stm32l4x"),
    ("stm32l4[12]2", 0x464, "2k", "stm32l4x"),
    ("stm32l4[rs]", 0x470, "4k", "stm32l4x"),
    ("stm32l4[pq]5", 0x471, "4k", "stm32l4x"),
    ("stm32l5[56]2", 0x472, "2k", "stm32l5x"),
    ("stm32g4[34]1", 0x468, "2k", "stm32g4x"),
    ("stm32g4[78][134]", 0x469, "2k", "stm32g4x"),
    ("stm32g4[9a]1", 0x479, "2k", "stm32g4x"),
    ("stm32u5[34]5", 0x455, "8k", "stm32u5x"),
    ("stm32u5[78]5", 0x482, "8k", "stm32u5x"),
    ("stm32u5[9a][59]", 0x481, "8k", "stm32u5x"),
    ("stm32u5[fg][79]", 0x476, "8k", "stm32u5x"),
    ("stm32wb5", 0x495, "4k", "stm32wbx"),
    ("stm32wb3", 0x496, "4k", "stm32wbx"),
    ("stm32wb1", 0x494, "2k", "stm32wbx"),
    ("stm32wl[e5][45]", 0x497, "2k", "stm32wlx"),
)

# DBGMCU_IDCODE: its bits 11 to 0 are the product id. Chapter "Debug support" of each manual.
_ID_REGISTERS = {"stm32h7": 0x5C001000, "stm32l5": 0xE0044000, "stm32u5": 0xE0044000}
_ID_REGISTER = 0xE0042000


@dataclass(frozen=True, slots=True)
class Sector:
    """The smallest piece of flash that can be erased; `number` is the bootloader's for it."""

    number: int
    start: int
    size_bytes: int

    @property
    def end(self) -> int:
        """One past the last address."""
        return self.start + self.size_bytes


@dataclass(frozen=True, slots=True)
class FlashPart:
    """A part as flashing sees it. `openocd` names its file below openocd's target/."""

    name: str
    product_id: int
    id_register: int
    flash: Memory
    sectors: tuple[Sector, ...]
    openocd: str


def flash_part(name: str, flash: Memory) -> FlashPart:
    """Return the facts of the part called `name`, whose own flash is `flash`.

    Raises InputError for a family whose sectors are not known here.
    """
    for pattern, product_id, sectors, openocd in _PARTS:
        if re.match(pattern, name):
            register = _ID_REGISTERS.get(name[:7], _ID_REGISTER)
            found = tuple(_sectors(sectors, flash))
            return FlashPart(name, product_id, register, flash, found, openocd)
    raise InputError(
        name,
        "a family whose flash is not described",
        "a part of STM32 F1, F3, F4, F7, H7, L4, L5, G4, U5, WB or WL",
        "write firmware/firmware.hex with another tool",
    )


def sectors_of(part: FlashPart, start: int, size_bytes: int) -> tuple[Sector, ...]:
    """Return the sectors that hold any of the `size_bytes` bytes from `start` on."""
    end = start + size_bytes
    return tuple(sector for sector in part.sectors if sector.start < end and start < sector.end)


def wrong_part(product_id: int, part: FlashPart) -> InputError:
    """Return the error for a board whose part says `product_id` of itself."""
    return InputError(
        "target",
        f"a board whose part has product id 0x{product_id:03X}",
        f"0x{part.product_id:03X} ({part.name})",
        "name the board that is connected with -t",
    )


def _sectors(kind: str, flash: Memory) -> Iterator[Sector]:
    number, start = 0, flash.start
    while True:
        for count, kib in _SECTORS[kind]:
            for _ in range(count):
                if start >= flash.end:
                    return
                yield Sector(number, start, kib * _KIB)
                number, start = number + 1, start + kib * _KIB
