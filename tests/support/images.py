# SPDX-License-Identifier: Apache-2.0
"""Firmware images with a fault put in."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from netsuke.targets.toolchain import must_run


def flip(elf: Path, symbol: str, byte: int, mask: int) -> None:
    """Change bits of byte number `byte` of a symbol's contents in a 32-bit ELF file.

    The program headers say where in the file an address is (ELF specification, "Program Header").
    """
    listed = must_run("arm-none-eabi-nm", ["--defined-only", elf])
    found = re.search(rf"^([0-9a-f]+) \w {re.escape(symbol)}$", listed, re.M)
    assert found, symbol
    address, image = int(found[1], 16) + byte, bytearray(elf.read_bytes())
    (table,) = struct.unpack_from("<I", image, 28)
    size, count = struct.unpack_from("<HH", image, 42)
    for i in range(count):
        kind, offset, start, _, length = struct.unpack_from("<5I", image, table + i * size)
        if kind == 1 and start <= address < start + length:
            image[offset + address - start] ^= mask
            elf.write_bytes(image)
            return
    raise AssertionError(f"{symbol} is in no segment")
