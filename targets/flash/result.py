# SPDX-License-Identifier: Apache-2.0
"""What flashing did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class External:
    """What belongs at `start`, in external flash that openocd's file `openocd` tells it of."""

    image: Path
    start: int
    openocd: str


@dataclass(frozen=True, slots=True)
class Flashed:
    """Bytes written and compared, those in external flash included; what only the serial
    bootloader tells is None elsewhere."""

    probe: str
    bytes_verified: int
    sectors_erased: tuple[int, ...] | None = None
    product_id: int | None = None
    bootloader: str | None = None
