# SPDX-License-Identifier: Apache-2.0
"""Flashing by the serial bootloader: check, erase what is written, write, verify, start."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netsuke.compiler.errors import ToolError
from netsuke.targets.flash.bootloader import BLOCK_BYTES, Bootloader
from netsuke.targets.flash.parts import FlashPart, Sector, sectors_of, wrong_part
from netsuke.targets.flash.result import Flashed

# The largest unit that flash is programmed in: H7, 256 bits (RM0433, flash program operations).
_WORD_BYTES = 32
# Slower than the slowest: F4, 16 KiB at 8 bits parallelism in 0.8 s (DS10693, flash programming).
_ERASE_S_PER_KIB = 0.0625
_SECTORS_AT_ONCE = 32


def flash_serial(
    bootloader: Bootloader, image: bytes, part: FlashPart, progress: Callable[[str], None]
) -> Flashed:
    """Write `image` to the start of the part's flash, compare it and start it.

    Nothing is erased before the part's id is right and its flash is known to be readable. Raises
    InputError for another part, ToolError for anything the board does not do.
    """
    identity = bootloader.connect()
    version = f"{identity.version >> 4}.{identity.version & 0xF}"
    progress(f"bootloader {version}, product id 0x{identity.product_id:03X}")
    if identity.product_id != part.product_id:
        raise wrong_part(identity.product_id, part)
    start = part.flash.start
    bootloader.read(start, 4)  # refused where read-out protection is on
    sectors = sectors_of(part, start, len(image))
    progress(f"erasing {len(sectors)} of {len(part.sectors)} sectors")
    _erase(bootloader, sectors)
    padded = image + b"\xff" * (-len(image) % _WORD_BYTES)
    progress(f"writing {len(image)} bytes")
    for address, block in _blocks(start, padded):
        bootloader.write(address, block)
    progress("verifying")
    for address, block in _blocks(start, padded):
        _verify(address, block, bootloader.read(address, len(block)))
    bootloader.go(start)
    numbers = tuple(sector.number for sector in sectors)
    return Flashed("uart", len(image), numbers, identity.product_id, version)


def _erase(bootloader: Bootloader, sectors: tuple[Sector, ...]) -> None:
    for i in range(0, len(sectors), _SECTORS_AT_ONCE):
        some = sectors[i : i + _SECTORS_AT_ONCE]
        kib = sum(sector.size_bytes for sector in some) // 1024
        bootloader.erase([sector.number for sector in some], 2 + _ERASE_S_PER_KIB * kib)


def _blocks(start: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    for i in range(0, len(data), BLOCK_BYTES):
        yield start + i, data[i : i + BLOCK_BYTES]


def _verify(address: int, want: bytes, got: bytes) -> None:
    if got == want:
        return
    i = next(i for i, (a, b) in enumerate(zip(got, want, strict=True)) if a != b)
    raise ToolError(
        f"flash at 0x{address + i:08X}",
        f"0x{got[i]:02X} after writing",
        f"0x{want[i]:02X}",
        "flash again; a part that fails again is worn or not the one named",
    )
