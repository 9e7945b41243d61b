# SPDX-License-Identifier: Apache-2.0
"""The ways to clock a part, best first."""

from __future__ import annotations

import dataclasses
import re

from netsuke.targets.board import Clock
from netsuke.targets.clocks import f1, f4, h5, h7, l1, l4, u5, wb
from netsuke.targets.clocks.plan import Family, Plan
from netsuke.targets.registers import pause

_FAMILIES = (
    f1.FAMILY, f4.FAMILY, h5.FAMILY, h7.FAMILY, l1.FAMILY, l4.L4, l4.L5, l4.G4, u5.FAMILY,
    wb.FAMILY,
)  # fmt: skip


def find_family(part: str) -> Family | None:
    """Return the family that says how `part` is clocked, None where none does."""
    return next((f for f in _FAMILIES if re.match(f.pattern, part)), None)


def clock_plans(part: str, clock: Clock, reset_hz: int) -> tuple[Plan, ...]:
    """Return the ways to clock `part`, best first: firmware takes the first that comes up.

    Full speed from the board's own clock, full speed from the internal oscillator, and the clock
    that the part starts with, which always is there. A part of no family here stays at the last,
    `reset_hz`.
    """
    family = find_family(part)
    if family is None:
        nothing = (pause(1, "nothing to do"),)  # C has no empty tables
        return (Plan("reset", reset_hz, reset_hz, reset_hz, nothing),)
    internal = dataclasses.replace(clock, source="internal")
    tries = [(clock, clock.hz)] if clock.external else []
    plans = [family.fast(part, c, hz) for c, hz in (*tries, (internal, family.internal_hz))]
    return (*(plan for plan in plans if plan), family.reset)
