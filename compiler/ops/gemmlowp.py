# SPDX-License-Identifier: Apache-2.0
"""Transcendental functions as gemmlowp's fixed-point library computes them, on numpy arrays.

Numbers are int64 arrays that hold int32 raw values; Qm.n has m integer and n = 31 - m fraction
bits. Source: gemmlowp fixedpoint/fixedpoint.h.
"""

from __future__ import annotations

import functools

import numpy as np

from netsuke.compiler.fixed_point import (
    INT32_MAX,
    INT32_MIN,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from netsuke.compiler.ir import Array

_BARREL = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-2**k) in Q0.31 for k = -2, -1, ..., 4."""


def mul(a: Array | int, b: Array | int) -> Array:
    """The product of Qm and Qn, a Q(m + n)."""
    return saturating_rounding_doubling_high_mul(np.asarray(a), np.asarray(b))


def shift_left(x: Array, bits: int) -> Array:
    """x * 2**bits, saturated."""
    saturated: Array = np.clip(x << bits, INT32_MIN, INT32_MAX)
    return saturated


def exp_on_negative_values(a: Array, integer_bits: int) -> Array:
    """exp(a) in Q0.31 of a <= 0 with `integer_bits` (at most 5) integer bits."""
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    a_mod = (a & (quarter - 1)) - quarter
    result = _exp_in_quarter(shift_left(a_mod, integer_bits))
    remainder = a_mod - a
    for k, factor in enumerate(_BARREL[: integer_bits + 2]):
        chosen = (remainder & (1 << (fraction_bits - 2 + k))) != 0
        result = np.where(chosen, mul(result, factor), result)
    return np.where(a == 0, INT32_MAX, result)


def _exp_in_quarter(a: Array) -> Array:
    """exp(a) for -1/4 <= a < 0, Q0.31 to Q0.31: Taylor's series around -1/8."""
    exp_eighth, third = 1895147668, 715827883
    x = a + (1 << 28)
    x2 = mul(x, x)
    x3, x4 = mul(x2, x), mul(x2, x2)
    sixth = mul(rounding_divide_by_pot(x4, 2) + x3, third)
    return exp_eighth + mul(exp_eighth, x + rounding_divide_by_pot(sixth + x2, 1))


def _newton(a: Array) -> tuple[Array, Array]:
    """(half the denominator in Q0.31, its reciprocal in Q2.29) of 1 + a, a in [0, 1) as Q0.31."""
    total = np.asarray(a) + INT32_MAX
    half_denominator = np.where(total >= 0, (total + 1) // 2, -((1 - total) // 2))
    x = 1515870810 + mul(half_denominator, -1010580540)
    for _ in range(3):
        x = x + shift_left(mul(x, (1 << 29) - mul(half_denominator, x)), 2)
    return half_denominator, x


def one_over_one_plus_x(a: Array) -> Array:
    """1 / (1 + a) in Q0.31 of a in [0, 1) as Q0.31."""
    return shift_left(_newton(a)[1], 1)


def one_minus_x_over_one_plus_x(a: Array) -> Array:
    """(1 - a) / (1 + a) in Q0.31 of a in [0, 1) as Q0.31."""
    return shift_left(_newton(a)[1] - (1 << 29), 2)


def logistic(a: Array, integer_bits: int) -> Array:
    """1 / (1 + exp(-a)) in Q0.31 of a with `integer_bits` integer bits."""
    positive = one_over_one_plus_x(exp_on_negative_values(-np.abs(a), integer_bits))
    result = np.where(a > 0, positive, INT32_MAX - positive)
    return np.where(a == 0, 1 << 30, result)


def tanh(a: Array, integer_bits: int) -> Array:
    """tanh(a) in Q0.31 of a with `integer_bits` integer bits."""
    # exp(-2|a|): the same raw number with one more integer bit.
    exp = exp_on_negative_values(-np.abs(a), integer_bits + 1)
    positive = one_minus_x_over_one_plus_x(exp)
    return np.where(a == 0, 0, np.where(a < 0, -positive, positive))


@functools.cache
def inverse_sqrt_multiplier(number: int) -> tuple[int, int]:
    """(multiplier, shift) with 1 / sqrt(number) about multiplier * 2**(shift - 31); number >= 1.

    Source: GetInvSqrtQuantizedMultiplierExp in tensorflow/lite/kernels/internal/common.h.
    """
    if number <= 1:
        return INT32_MAX, 0
    right_shift = 11
    while number >= 1 << 29:
        number //= 4
        right_shift += 1
    pairs = (32 - number.bit_length() - 1) // 2 - 1
    right_shift -= pairs
    half = np.array((number << 2 * pairs) >> 1)
    quarter = rounding_divide_by_pot(half, 1)
    x = np.array(1 << 28)
    for _ in range(5):
        # Q3 * Q3 * Q3 is Q9; Q3 * Q3 is Q6: both rescaled to Q3.
        cube = shift_left(mul(mul(x, x), x), 6)
        x = shift_left(mul((1 << 28) + (1 << 27), x) - mul(quarter, cube), 3)
    root = int(mul(x, 1518500250))
    return (root << -right_shift, 0) if right_shift < 0 else (root, -right_shift)
