# SPDX-License-Identifier: Apache-2.0
"""Ways to clock a part, and the arithmetic of its PLL and its flash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.registers import Step

MHZ = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to clock a part. The steps lead there from reset, and from any plan that failed.

    `source` is 'crystal', 'bypass' (a clock signal in place of a crystal), 'internal', or 'reset'
    for the clock that the part starts with. `core_hz` clocks the core, `apb1_hz` and `apb2_hz` the
    two buses whose peripherals take their clock from them unless told otherwise.
    """

    source: str
    core_hz: int
    apb1_hz: int
    apb2_hz: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Parts that are clocked alike: a regular expression of their names.

    `fast` returns the plan of full speed for a part, a board's facts and the clock that feeds the
    PLL, in Hz; None where the facts do not allow one. `internal_hz` is the oscillator that always
    can feed it; `reset` what to fall back on when nothing comes up.
    """

    pattern: str
    internal_hz: int
    reset: Plan
    fast: Callable[[str, Clock, int], Plan | None]


@dataclass(frozen=True, slots=True)
class PllRange:
    """What a PLL allows: input / m must lie in `input_hz`, input / m * n in `vco_hz`."""

    input_hz: tuple[int, int]
    vco_hz: tuple[int, int]
    m: range
    n: range
    dividers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pll:
    """The factors: output = input / m * n / divider."""

    m: int
    n: int
    divider: int
    input_hz: int
    output_hz: int


def solve_pll(source_hz: int, wanted_hz: int, allowed: PllRange) -> Pll:
    """Return the factors that come nearest to `wanted_hz` from below.

    Among equals the fastest input, for it gives the least jitter, then the slowest oscillator.
    """
    found: list[Pll] = []
    for m in allowed.m:
        if not _within(source_hz / m, allowed.input_hz):
            continue
        for divider in allowed.dividers:
            n = min(wanted_hz * divider * m // source_hz, allowed.n[-1])
            if n in allowed.n and _within(source_hz * n / m, allowed.vco_hz):
                output_hz = source_hz * n // (m * divider)
                found.append(Pll(m, n, divider, source_hz // m, output_hz))
    return max(found, key=lambda pll: (pll.output_hz, pll.input_hz, -pll.divider))


def _within(value: float, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= value <= bounds[1]


def wait_states(clock_hz: int, most_hz: Sequence[int]) -> int:
    """Return how many wait states flash needs; `most_hz` is the highest clock at 0, 1, 2, ..."""
    return next(count for count, hz in enumerate(most_hz) if clock_hz <= hz)
