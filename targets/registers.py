# SPDX-License-Identifier: Apache-2.0
"""Start-up as data: what firmware does to registers, in the order of the reference manuals.

runtime_c/port/stm32/registers.h carries the steps out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from netsuke.targets.board import Gpio, Pin

_FAST_PIN = 3  # OSPEEDR, the fastest: RM0385 section 6.4.3; the same up to the H7


@dataclass(frozen=True, slots=True)
class Step:
    """One step. NK_CHANGE clears the bits of `mask` in the register, then sets those of `value`;
    NK_AWAIT waits until the bits of `mask` read as `value`; NK_PAUSE lets some time pass."""

    kind: Literal["NK_CHANGE", "NK_AWAIT", "NK_PAUSE"]
    address: int
    mask: int
    value: int
    why: str


def change(address: int, mask: int, value: int, why: str) -> Step:
    """Return the step that clears the bits of `mask`, then sets those of `value`."""
    return Step("NK_CHANGE", address, mask, value, why)


def write(address: int, value: int, why: str) -> Step:
    """Return the step that gives the whole register a value."""
    return change(address, 0xFFFFFFFF, value, why)


def set_bits(address: int, bits: int, why: str) -> Step:
    """Return the step that sets bits and leaves the others."""
    return change(address, 0, bits, why)


def wait_until(address: int, mask: int, value: int, why: str) -> Step:
    """Return the step that waits, though not for ever, until the bits of `mask` are `value`."""
    return Step("NK_AWAIT", address, mask, value, why)


def pause(rounds: int, why: str) -> Step:
    """Return the step that goes round an empty loop, three cycles or more each."""
    return Step("NK_PAUSE", 0, 0, rounds, why)


def pin_steps(pin: Pin, gpio: Gpio, user: str, *, fast: bool = False) -> Iterator[Step]:
    """Give a pin to the peripheral `user`.

    MODER, OSPEEDR and AFRL or AFRH: RM0090 sections 8.4.1 to 8.4.10; the same up to the H7.
    """
    base = gpio.base + 0x400 * pin.port
    two, four = 2 * pin.number, 4 * (pin.number % 8)
    function_register = base + 0x20 + 4 * (pin.number // 8)
    yield set_bits(gpio.enable_register, 1 << gpio.enable_shift + pin.port, f"clock of {pin.name}")
    yield change(
        function_register,
        0xF << four,
        pin.function << four,
        f"{pin.name} is alternate function {pin.function}",
    )
    if fast:
        yield change(base + 0x08, 3 << two, _FAST_PIN << two, f"{pin.name} is fast")
    yield change(base, 3 << two, 2 << two, f"{pin.name} to {user}")


def f1_output_steps(pin: Pin, gpio: Gpio, user: str) -> Iterator[Step]:
    """Let the peripheral `user` drive a pin of an STM32F1; its inputs are inputs after reset.

    CRL or CRH, four bits a pin, 11 is "alternate function output, push-pull": RM0008 section 9.2.
    """
    shift = 4 * (pin.number % 8)
    register = gpio.base + 0x400 * pin.port + 4 * (pin.number // 8)
    yield set_bits(gpio.enable_register, 1 << gpio.enable_shift + pin.port, f"clock of {pin.name}")
    yield change(register, 0xF << shift, 0xB << shift, f"{pin.name} to {user}")
