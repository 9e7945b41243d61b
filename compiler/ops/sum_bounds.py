# SPDX-License-Identifier: Apache-2.0
"""What sums of products can be: interval arithmetic for convolutions and FULLY_CONNECTED."""

from __future__ import annotations

import numpy as np

from netsuke.compiler.fixed_point import INT32_MAX
from netsuke.compiler.ir import Array
from netsuke.compiler.ops.base import Interval
from netsuke.compiler.ops.products import Scaling, rescale


def offsets(x: Interval, zero_point: int, padded: bool) -> tuple[Array, Array]:
    """(least, greatest) input minus zero point of each channel; padding contributes 0."""
    least, greatest = x.low - zero_point, x.high - zero_point
    return (np.minimum(least, 0), np.maximum(greatest, 0)) if padded else (least, greatest)


def weighted(weights: Array, least: Array, greatest: Array) -> Interval:
    """Sums over all axes of `weights` but the first, each weight times a number of its range.

    `weights` is int64 [out, ..., channels]; `least` and `greatest` are [channels].
    """
    axes = tuple(range(1, weights.ndim - 1))
    positive = np.maximum(weights, 0).sum(axis=axes)
    negative = np.minimum(weights, 0).sum(axis=axes)
    return Interval(
        positive @ least + negative @ greatest, positive @ greatest + negative @ least
    )


def rescaled(sums: Interval, s: Scaling) -> Interval:
    """Outputs of sums without bias. Rescaling never falls as long as nothing wraps at 32 bits."""
    left = np.maximum(s.shift, 0)
    extent = np.maximum(np.abs(sums.low + s.bias), np.abs(sums.high + s.bias)) << left
    safe = extent <= INT32_MAX
    return Interval(
        np.where(safe, rescale(sums.low, s), s.low).astype(np.int64),
        np.where(safe, rescale(sums.high, s), s.high).astype(np.int64),
    )
