# SPDX-License-Identifier: Apache-2.0
"""Scaling of sums with one rounding, where it provably gives what TFLite's two give.

An int8 output is a step function of its sum, of at most 255 steps. With `word` = 256 * sum + a few
256ths, the kernels of runtime_c/include/netsuke/tile.h named _once_n compute

    (word * multiplier / 2**32 + addend) >> n,   both divisions rounded down,

in two instructions. Multiplier and 256ths are free. Both functions rise, so if each step is at the
same sum they are equal for every sum; the multipliers for which that is so are an interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops.products import Scaling
from netsuke.compiler.ops.tile_words import SUM_LIMIT, Channels, sum_range

SHIFTS = (12, 9)
"""The n for which there are kernels. A real scale is at most 2**(7 - n), for multipliers are below
2**31; the less n is, the more small scales lack a multiplier of enough bits. 12 suits nearly all
layers, 9 the depthwise ones of few large weights."""

FRACTION = 8
"""Binary places of a word below a sum's."""

MOST_MULTIPLIER = 2**31 - 1

REACH = 64
"""256ths of a sum by which the ideal offset may be missed."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Where the outputs of channels rise: to `outputs` [steps] at `sums` [channels, steps], bias
    included, which are within `low` and `high` [channels]."""

    sums: Array
    outputs: Array
    low: Array
    high: Array
    zero_point: int

    def of(self, channels: Array) -> Steps:
        """Of some channels alone."""
        low, high = self.low[channels], self.high[channels]
        return Steps(self.sums[channels], self.outputs, low, high, self.zero_point)


def scaling_words(c: Channels, s: Scaling, shift: int) -> Array | None:
    """[channels, 2] words: bias * 256 and 256ths, multiplier; None where there are none.

    Results below the zero point must be clamped: TFLite rounds their ties in another direction.
    """
    low, high = sum_range(c.weights, c.bias)
    if s.low < s.out_zero_point or max(high.max(), -low.min()) >= SUM_LIMIT - 4:
        return None
    steps = Steps(step_sums(c, s), np.arange(s.low + 1, s.high + 1), low, high, s.out_zero_point)
    # Rounding to 2**-31 first adds half a unit of what is shifted: 2**30 / multiplier of a sum.
    ideal = (2 ** (30 + FRACTION) + c.multiplier // 2) // c.multiplier
    offset, multiplier = np.zeros_like(c.bias), np.zeros_like(c.bias)
    left = np.arange(len(c.bias))
    for miss in sorted(range(-REACH, REACH + 1), key=abs):
        least, most = multipliers(steps.of(left), ideal[left] + miss, shift)
        found = least <= most
        offset[left[found]] = ideal[left[found]] + miss
        multiplier[left[found]] = (least + (most - least) // 2)[found]
        left = left[~found]
        if not len(left):
            return np.stack([(c.bias << FRACTION) + offset, multiplier], axis=1).astype(np.int32)
    return None


def step_sums(c: Channels, s: Scaling) -> Array:
    """[channels, steps] least sums, bias included, whose outputs are low + 1, low + 2, ... high.

    From TFLite's formula: round(sum * multiplier / 2**31), halves up, then / 2**shift, halves up.
    """
    above = np.arange(s.low + 1, s.high + 1) - s.out_zero_point  # > 0: no ties of negatives
    shift, multiplier = c.shift[:, None], c.multiplier[:, None]
    scaled = (above << shift) - (1 << shift >> 1)
    return -(((1 << 30) - (scaled << 31)) // multiplier)


def multipliers(steps: Steps, offset: Array, shift: int) -> tuple[Array, Array]:
    """(least, most) multiplier of each channel for which every step is where it has to be.

    Words are sums times 256 plus `offset` [channels], which is positive.
    """
    low, high = steps.low[:, None], steps.high[:, None]
    # word * multiplier >= rise from the step on, < rise before it; rise > 0.
    rise = (steps.outputs << shift) - ((2 * steps.zero_point + 1) << shift - 1) << 32
    first = (np.maximum(steps.sums, low) << FRACTION) + offset[:, None]
    before = (np.minimum(steps.sums - 1, high) << FRACTION) + offset[:, None]
    needs = np.where(first > 0, -(-rise // np.maximum(first, 1)), MOST_MULTIPLIER + 1)
    limits = -(-rise // np.maximum(before, 1)) - 1
    least = np.where(steps.sums <= high, needs, 1)
    most = np.where((steps.sums > low) & (before > 0), limits, MOST_MULTIPLIER)
    return least.max(axis=1, initial=1), most.min(axis=1, initial=MOST_MULTIPLIER)
