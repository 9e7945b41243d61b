# SPDX-License-Identifier: Apache-2.0
"""Weights and scaling for the Armv7E-M kernels of runtime_c/include/netsuke/tile.h.

Channels go in twos, a and b; one 32-bit word holds the weights of both at two steps k, lane by
lane 256 * b + a. A sum over such lanes is 256 * B + A, so A, summed apart, gives B exactly as long
as |B| < 2**23. Scaling is two words for each channel: bias * 256 + right shift - 1, multiplier.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array
from netsuke.compiler.ops.products import Scaling, rescale

SUM_LIMIT = 2**23
"""Of a sum whose lanes are shared with another channel's."""

WIDE_LIMIT = 2**30
"""Of other sums: they are doubled."""

MAX_SHIFT = 23
"""So that the zero point, shifted left, fits. Sums below the limit need no more."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Weights [channels, k], bias with the input's zero point, multiplier and right shift."""

    weights: Array
    bias: Array
    multiplier: Array
    shift: Array


def channels(
    weights: Array, s: Scaling, bias: Array, limit: int = SUM_LIMIT, packed: bool = True
) -> Channels | None:
    """The channels as the kernels want them, or None where they cannot compute these exactly.

    `weights` is [channels, ...]. Channels whose output is the same whatever the input get zero
    weights and a scaling that gives this output. `limit` bounds the sums, `packed` says that the
    weights of two channels share a lane.
    """
    flat = weights.reshape(len(weights), -1)
    low, high = sum_range(flat, bias)
    constant, value = _constant(low, high, s)
    flat = np.where(constant[:, None], 0, flat)
    # A multiplier of 1/2 and a shift by 5 divide by 64 without a rest.
    bias = np.where(constant, 64 * (value - s.out_zero_point), bias)
    bound = np.where(constant, 0, np.maximum(np.maximum(high, -low), np.abs(bias)))
    right = np.where(constant, 5, -s.shift)
    if np.any(bound >= limit) or np.any(right < 1) or np.any(right > MAX_SHIFT):
        return None
    if packed and np.any(flat[1::2][flat[: len(flat) // 2 * 2 : 2] < 0] == -128):
        return None  # 256 * b + a would need 17 bits
    return Channels(flat, bias, np.where(constant, 1 << 30, s.multiplier), right)


def sum_range(weights: Array, bias: Array) -> tuple[Array, Array]:
    """(least, greatest) sums with bias of weights [channels, k], whatever the input."""
    high = bias + np.maximum(weights * 127, weights * -128).sum(axis=1)
    low = bias + np.minimum(weights * 127, weights * -128).sum(axis=1)
    return low, high


def _constant(low: Array, high: Array, s: Scaling) -> tuple[Array, Array]:
    """(whether a channel has one output, that output), given the bounds of its sum with bias."""
    unbiased = dataclasses.replace(s, bias=np.zeros_like(s.bias))
    least, most = (rescale(sums, unbiased).astype(np.int64) for sums in (low, high))
    fits = np.maximum(high, -low) < 2**31
    return (least == most) & (s.shift <= 0) & fits, least


def even(c: Channels) -> Channels:
    """With a neutral channel added if their number is odd."""
    if len(c.bias) % 2 == 0:
        return c
    return Channels(
        np.pad(c.weights, ((0, 1), (0, 0))),
        np.append(c.bias, 0),
        np.append(c.multiplier, 1 << 30),
        np.append(c.shift, 1),
    )


def steps(starts: Array, run: int) -> Array:
    """[pairs, 2] indices k in the order in which inputs are expanded; -1 where a lane is unused.

    A window is runs of `run` adjacent bytes that begin at `starts`.
    """
    order = [(k + i, k + i + 2) for k in range(0, run - 3, 4) for i in (0, 1)]
    rest = run - run % 4
    order += [[], [(-1, rest)], [(rest, rest + 1)], [(-1, rest + 1), (rest, rest + 2)]][run % 4]
    one = np.array(order, np.int64).reshape(-1, 2)
    return np.concatenate([np.where(one < 0, -1, one + start) for start in starts])


def pair_words(weights: Array, order: Array, packed: bool = True) -> Array:
    """[channels / 2, pairs] words of weights [channels, k] in the order of `steps`."""
    padded = np.pad(weights, ((0, 0), (0, 1)))[:, order]  # index -1 is the padding
    low = padded[0::2] if packed else padded[0::2] & 0xFF
    lanes = (padded[1::2] * 256 + low) & 0xFFFF
    words: Array = lanes[..., 0] | lanes[..., 1] << 16
    return words.astype(np.uint32)


def vector_words(c: Channels, packed: bool) -> Array:
    """Words for runtime_c/include/netsuke/vector.h: groups of eight channels, then of two, flat."""
    units, depth = c.weights.shape
    c = even(c)
    flat = np.pad(c.weights, ((0, 0), (0, -depth % 4)))
    words = pair_words(flat, steps(np.array([0]), flat.shape[1]), packed)
    fours = units // 8 * 4
    groups = words[:fours].reshape(-1, 4, words.shape[1]).transpose(0, 2, 1)
    return np.concatenate([groups.ravel(), words[fours:].ravel()])


def scaling_words(c: Channels) -> Array:
    """[channels, 2] words: bias * 256 + right shift - 1, multiplier."""
    return np.stack([c.bias * 256 + c.shift - 1, c.multiplier], axis=1).astype(np.int32)


def needs_sign(s: Scaling) -> bool:
    """Whether negative results are seen, so that their ties must round away from zero."""
    return s.low < s.out_zero_point
