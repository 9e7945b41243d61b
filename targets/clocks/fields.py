# SPDX-License-Identifier: Apache-2.0
"""Registers by name, and steps that say what they set."""

from __future__ import annotations

from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.registers import Step, change, wait_until


@dataclass(frozen=True, slots=True)
class Field:
    """`bits` bits of a register from bit `shift` on."""

    register: str
    address: int
    name: str
    shift: int
    bits: int = 1

    @property
    def mask(self) -> int:
        """The field's bits in its register."""
        return ((1 << self.bits) - 1) << self.shift

    def set(self, value: int) -> Step:
        """Return the step that gives the field `value`."""
        return together((self, value))

    def wait(self, value: int) -> Step:
        """Return the step that waits until the field reads as `value`."""
        why = f"{self.register} {self.name} is {value}"
        return wait_until(self.address, self.mask, value << self.shift, why)


def together(*values: tuple[Field, int]) -> Step:
    """Return one step that gives values to fields of one register."""
    first = values[0][0]
    mask = bits = 0
    for field, value in values:
        assert field.address == first.address and value < 1 << field.bits, field
        mask |= field.mask
        bits |= value << field.shift
    names = ", ".join(f"{field.name} = {value}" for field, value in values)
    return change(first.address, mask, bits, f"{first.register} {names}")


def external_clock(rcc_cr: int, clock: Clock) -> tuple[Step, ...]:
    """Return the steps that start the board's own clock; none where the part uses its own.

    HSEON, HSERDY and HSEBYP are at the same place in all families here. A bypass is chosen while
    the oscillator is off.
    """
    if not clock.external:
        return ()
    on, ready, bypass = (
        Field("RCC_CR", rcc_cr, name, bit)
        for name, bit in (("HSEON", 16), ("HSERDY", 17), ("HSEBYP", 18))
    )
    return (on.set(0), bypass.set(int(clock.source == "bypass")), on.set(1), ready.wait(1))
