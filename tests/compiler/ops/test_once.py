# SPDX-License-Identifier: Apache-2.0
"""Scaling with one rounding gives TFLite's byte for every sum, or is not offered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.compiler.ir import Array
from netsuke.compiler.ops import once, tile_words
from netsuke.compiler.ops.products import Scaling, rescale


def scaling(multiplier: Array, shift: Array, zero_point: int, low: int, high: int = 127) -> Scaling:
    zeros = np.zeros_like(multiplier)
    return Scaling(zeros, multiplier, shift, zero_point, low, high)


def smmla(words: Array, multiplier: int, zero_point: int, shift: int) -> Array:
    """What the kernels compute, instruction by instruction: SMMLA, SSAT with ASR."""
    addend = (2 * zero_point + 1) << (shift - 1)
    return np.clip(((words * multiplier >> 32) + addend) >> shift, -128, 127)


def compare(weights: Array, bias: Array, s: Scaling, n: int) -> bool:
    """Whether there is a scaling; then it is right for every sum that the weights can make."""
    c = tile_words.channels(weights, s, bias)
    words = None if c is None else once.scaling_words(c, s, n)
    if c is None or words is None:
        return False
    for i, (offset, multiplier) in enumerate(words.astype(np.int64)):
        low, high = (int(v[i]) for v in tile_words.sum_range(c.weights, c.bias))
        sums = np.arange(low, high + 1)
        one = Scaling(s.bias[:1], c.multiplier[i : i + 1], -c.shift[i : i + 1], *limits(s))
        expected = rescale(sums[:, None], one)[:, 0]
        raw = (sums - c.bias[i]) * 256 + offset
        assert raw.min() >= -(2**31) and raw.max() < 2**31
        got = smmla(raw, int(multiplier), s.out_zero_point, n)
        assert np.array_equal(np.clip(got, s.low, s.high), expected)
    return True


def limits(s: Scaling) -> tuple[int, int, int]:
    return s.out_zero_point, s.low, s.high


@given(seed=st.integers(0, 2**32 - 1), shift=st.integers(1, 16), depth=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_every_sum_gives_the_same_byte(seed: int, shift: int, depth: int) -> None:
    rng = np.random.default_rng(seed)
    zero_point = int(rng.choice([-128, -127, -1, 0, 93, 126]))
    high = int(rng.choice([127, (zero_point + 128) // 2]))
    weights = rng.integers(-127, 128, (3, depth))
    bias = rng.integers(-3000, 3000, 3)
    multiplier = rng.choice([2**30, 2**31 - 1, int(rng.integers(2**30, 2**31))], 3)
    shifts = np.full(3, -shift)
    s = scaling(multiplier, shifts, zero_point, zero_point, max(high, zero_point))
    for n in once.SHIFTS:
        compare(weights, bias, s, n)


@pytest.mark.parametrize(("n", "least", "most"), [(12, 1 / 2000, 1 / 50), (9, 1 / 300, 1 / 5)])
def test_usual_scales_have_one(n: int, least: float, most: float) -> None:
    """Real scales as layers with ReLU have them."""
    rng = np.random.default_rng(5)
    real = np.exp(rng.uniform(np.log(least), np.log(most), 32))
    shift = np.floor(np.log2(real)).astype(np.int64) + 1
    multiplier = np.round(real / 2.0**shift * 2**31).astype(np.int64)
    weights, bias = rng.integers(-127, 128, (32, 27)), rng.integers(-3000, 3000, 32)
    assert compare(weights, bias, scaling(multiplier, shift, -128, -128), n)


def test_ties_of_negative_numbers_need_two() -> None:
    s = scaling(np.array([2**30]), np.array([-6]), 0, -128)
    c = tile_words.channels(np.array([[100, -3]]), s, np.array([5]))
    assert c is not None
    assert all(once.scaling_words(c, s, n) is None for n in once.SHIFTS)


def test_constant_channels_keep_their_output() -> None:
    s = scaling(np.array([2**30, 2**30]), np.array([-8, -8]), -128, -128)
    assert compare(np.array([[0, 0], [1, 2]]), np.array([9000, 70]), s, 12)
