# SPDX-License-Identifier: Apache-2.0
"""What flashing did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flashed:
    """Bytes written and compared; what only the serial bootloader tells is None elsewhere."""

    probe: str
    bytes_verified: int
    sectors_erased: tuple[int, ...] | None = None
    product_id: int | None = None
    bootloader: str | None = None
