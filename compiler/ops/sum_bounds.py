# SPDX-License-Identifier: Apache-2.0
"""What sums of products can be: interval arithmetic for convolutions and FULLY_CONNECTED."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netsuke.compiler.fixed_point import INT32_MAX
from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops.base import Interval
from netsuke.compiler.ops.common import input0
from netsuke.compiler.ops.products import Scaling, rescale, weight_values


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
    return Interval(positive @ least + negative @ greatest, positive @ greatest + negative @ least)


def rescaled(sums: Interval, s: Scaling) -> Interval:
    """Outputs of sums without bias. Rescaling never falls as long as nothing wraps at 32 bits."""
    left = np.maximum(s.shift, 0)
    extent = np.maximum(np.abs(sums.low + s.bias), np.abs(sums.high + s.bias)) << left
    safe = extent <= INT32_MAX
    return Interval(
        np.where(safe, rescale(sums.low, s), s.low).astype(np.int64),
        np.where(safe, rescale(sums.high, s), s.high).astype(np.int64),
    )


def mixed(
    inputs: Sequence[Tensor | None], x: Interval | None, s: Scaling, padded: bool
) -> Interval | None:
    """Outputs of sums over all input channels; weights as in base.Mixed."""
    weights = weight_values(inputs)
    if x is None or weights.shape[-1] % len(x.low):
        return None
    matrix = weights.reshape(weights.shape[0], -1, len(x.low))
    return rescaled(weighted(matrix, *offsets(x, input0(inputs).q.zero_point, padded)), s)


def depthwise(
    inputs: Sequence[Tensor | None], x: Interval | None, s: Scaling, padded: bool
) -> Interval | None:
    """Outputs of sums over one input channel each; weights [1, height, width, out]."""
    if x is None:
        return None
    columns = weight_values(inputs).reshape(-1, len(s.bias)).T
    multiplier = len(s.bias) // len(x.low)
    ends = offsets(x, input0(inputs).q.zero_point, padded)
    least, greatest = (np.repeat(end, multiplier) for end in ends)
    positive, negative = np.maximum(columns, 0).sum(axis=1), np.minimum(columns, 0).sum(axis=1)
    low = positive * least + negative * greatest
    return rescaled(Interval(low, positive * greatest + negative * least), s)
