# SPDX-License-Identifier: Apache-2.0
"""A serial line for parts that no board file describes: USART1 on PA9 and PA10.

There the bootloader in the ROM of nearly every STM32 listens (AN2606), so a part that can be
flashed over serial has an adapter at these pins. The core runs from the internal oscillator.

Sources: chapters "Reset and clock control" and "Memory map" of each reference manual; for the
clock after reset the section "System clock selection" or "Clocks" of the former.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Board, Gpio, Pin, Serial
from netsuke.targets.clocks.plan import MHZ
from netsuke.targets.device import Device


@dataclass(frozen=True, slots=True)
class _Family:
    """`gpio` and `usart` enable their peripheral: (register address, bit)."""

    pattern: str
    manual: str
    reset_hz: int
    gpio_base: int
    gpio: tuple[int, int]
    usart_base: int
    usart: tuple[int, int]
    layout: str = "v2"
    gpio_layout: str = "v2"


_FAMILIES = (
    _Family(
        "stm32f1", "RM0008", 8 * MHZ, 0x40010800, (0x40021018, 2), 0x40013800, (0x40021018, 14),
        layout="v1", gpio_layout="f1",
    ),
    _Family(
        "stm32f[24]", "RM0090", 16 * MHZ, 0x40020000, (0x40023830, 0), 0x40011000, (0x40023844, 4),
        layout="v1",
    ),
    _Family(
        "stm32f3", "RM0316", 8 * MHZ, 0x48000000, (0x40021014, 17), 0x40013800, (0x40021018, 14)
    ),
    _Family(
        "stm32f7", "RM0385", 16 * MHZ, 0x40020000, (0x40023830, 0), 0x40011000, (0x40023844, 4)
    ),
    _Family(
        "stm32g4", "RM0440", 16 * MHZ, 0x48000000, (0x4002104C, 0), 0x40013800, (0x40021060, 14)
    ),
    _Family(
        "stm32h5", "RM0481", 32 * MHZ, 0x42020000, (0x44020C8C, 0), 0x40013800, (0x44020CA4, 14)
    ),
    _Family(
        "stm32h7[ab]", "RM0455", 64 * MHZ, 0x58020000, (0x58024540, 0), 0x40011000,
        (0x58024550, 4),
    ),
    _Family(
        "stm32h7[rs]", "RM0477", 64 * MHZ, 0x58020000, (0x58024540, 0), 0x42001000,
        (0x58024550, 4),
    ),
    _Family(
        "stm32h7", "RM0433", 64 * MHZ, 0x58020000, (0x580244E0, 0), 0x40011000, (0x580244F0, 4)
    ),
    _Family(
        "stm32l1", "RM0038", 2_097_000, 0x40020000, (0x4002381C, 0), 0x40013800, (0x40023820, 14),
        layout="v1",
    ),
    _Family(
        "stm32l4", "RM0351", 4 * MHZ, 0x48000000, (0x4002104C, 0), 0x40013800, (0x40021060, 14)
    ),
    _Family(
        "stm32l5", "RM0438", 4 * MHZ, 0x42020000, (0x4002104C, 0), 0x40013800, (0x40021060, 14)
    ),
    _Family(
        "stm32u3", "RM0487", 12 * MHZ, 0x42020000, (0x40030C8C, 0), 0x40013800, (0x40030CA4, 14)
    ),
    _Family(
        "stm32u5", "RM0456", 4 * MHZ, 0x42020000, (0x46020C8C, 0), 0x40013800, (0x46020CA4, 14)
    ),
    _Family(
        "stm32w[bl]", "RM0434", 4 * MHZ, 0x48000000, (0x5800004C, 0), 0x40013800, (0x58000060, 14)
    ),
)  # fmt: skip


def part_board(device: Device) -> Board | None:
    """Return what stands for a board where only the part is named.

    None for parts of no family here, and where modm-devices knows no interrupt of USART1.
    """
    family = next((f for f in _FAMILIES if re.match(f.pattern, device.name)), None)
    if family is None or device.usart1_interrupt is None:
        return None
    serial = Serial(
        "USART1", family.usart_base, family.layout, device.usart1_interrupt, "apb2",
        (family.usart,), Pin("PA9", 7), Pin("PA10", 7),
    )  # fmt: skip
    gpio = Gpio(family.gpio_base, *family.gpio, family.gpio_layout)
    return Board(
        device.name,
        device.name.upper(),
        f"{family.manual} (registers), AN2606 (pins of the bootloader's USART1)",
        device.name,
        reset_hz=family.reset_hz,
        serial=serial,
        gpio=gpio,
    )
