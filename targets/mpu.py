# SPDX-License-Identifier: Apache-2.0
"""What a Cortex-M7 may do with external memory: the regions of its MPU.

Source: PM0253 "STM32F7 and STM32H7 Cortex-M7 programming manual", section 4.6, tables of MPU_RASR,
of access permissions and of memory attributes. The regions close all addresses of external
memory, then open what is there: later regions prevail.
"""

from __future__ import annotations

from dataclasses import dataclass

from netsuke.targets.device import Memory

_ENABLE = 1
_NEVER_EXECUTED = 1 << 28
_READ_ONLY = 6 << 24  # AP; 0 is no access
_WRITE_THROUGH = 1 << 17  # TEX 0, C 1, B 0: cached; nobody writes to it
_HALF_GIB = 1 << 29


@dataclass(frozen=True, slots=True)
class Region:
    """`start` and MPU_RASR, and what they are for."""

    start: int
    attributes: int
    why: str


def mpu_regions(external: Memory | None) -> tuple[Region, ...]:
    """Return the regions of a part with one piece of external memory, or none."""
    closed = tuple(
        Region(start, _sized(_HALF_GIB, _NEVER_EXECUTED), "no access, so none ahead of need")
        for start in (0x60000000, 0x80000000)
    )
    if external is None:
        return closed
    size = 1 << (external.size_bytes - 1).bit_length()
    attributes = _sized(size, _NEVER_EXECUTED | _READ_ONLY | _WRITE_THROUGH)
    return (*closed, Region(external.start, attributes, f"{external.name}: read only, cached"))


def _sized(size_bytes: int, attributes: int) -> int:
    """A region of 2^n bytes has n - 1 in its field SIZE."""
    return attributes | (size_bytes.bit_length() - 2) << 1 | _ENABLE
