# SPDX-License-Identifier: Apache-2.0
"""Integer arithmetic exactly as TensorFlow Lite rounds, on numpy arrays of any shape.

Source: tensorflow/lite/kernels/internal/common.{h,cc} and quantization_util.cc, gemmlowp's
fixedpoint.h. Values are int64 arrays that hold int32 numbers unless said otherwise.
"""

from __future__ import annotations

import math

import numpy as np

from netsuke.compiler.ir import Array

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """(multiplier, shift) with real = multiplier * 2**(shift - 31), multiplier in [2**30, 2**31).

    TFLite's QuantizeMultiplier: round half away from zero, tiny values become zero.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def saturating_rounding_doubling_high_mul(a: Array, b: Array | int) -> Array:
    """gemmlowp's SaturatingRoundingDoublingHighMul: the high 32 bits of 2ab, rounded."""
    a64, b64 = np.asarray(a, np.int64), np.asarray(b, np.int64)
    product = a64 * b64
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    total = product + nudge
    # C's division truncates towards zero.
    high = np.where(total >= 0, total >> 31, -((-total) >> 31))
    overflow = (a64 == INT32_MIN) & (b64 == INT32_MIN)
    return np.where(overflow, INT32_MAX, high)


def rounding_divide_by_pot(x: Array, exponent: Array | int) -> Array:
    """gemmlowp's RoundingDivideByPOT: x / 2**exponent, ties away from zero."""
    x64, e = np.asarray(x, np.int64), np.asarray(exponent, np.int64)
    mask = (np.int64(1) << e) - 1
    remainder = x64 & mask
    threshold = (mask >> 1) + (x64 < 0)
    return (x64 >> e) + (remainder > threshold)


def multiply_by_quantized_multiplier(
    x: Array, multiplier: Array | int, shift: Array | int
) -> Array:
    """TFLite's MultiplyByQuantizedMultiplier (double rounding): x * multiplier * 2**(shift - 31).

    `multiplier` and `shift` broadcast against x. The shifted input wraps at 32 bits as in C.
    """
    shift = np.asarray(shift, np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    shifted = wrap_int32(np.asarray(x, np.int64) << left)
    return rounding_divide_by_pot(saturating_rounding_doubling_high_mul(shifted, multiplier), right)


def wrap_int32(x: Array) -> Array:
    """x modulo 2**32 as a signed 32-bit number."""
    return ((np.asarray(x, np.int64) + 2**31) & 0xFFFFFFFF) - 2**31
