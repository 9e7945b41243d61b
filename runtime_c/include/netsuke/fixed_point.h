/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed-point arithmetic as TensorFlow Lite rounds it (double rounding).
 *
 * Right shifts of negative numbers are arithmetic on every compiler that netsuke supports.
 * Source: gemmlowp fixedpoint/fixedpoint.h, tensorflow/lite/kernels/internal/common.h.
 */
#ifndef NETSUKE_FIXED_POINT_H
#define NETSUKE_FIXED_POINT_H

#include <stdint.h>

/*
 * (a * b) / 2^31, rounded half up. This equals gemmlowp's SaturatingRoundingDoublingHighMul for
 * all operands but a = b = -2^31, which its multipliers, never negative, exclude: truncating after
 * adding a nudge of the product's sign is the same as flooring after adding 2^30.
 */
static inline int32_t nk_high_mul(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* x / 2^shift, ties away from zero; 0 <= shift <= 31. */
static inline int32_t nk_round_shift(int32_t x, int32_t shift)
{
    const int32_t mask = (int32_t)((UINT32_C(1) << shift) - 1u);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);

    return (x >> shift) + (remainder > threshold ? 1 : 0);
}

/* x * 2^shift with the wrap-around of two's complement; 0 <= shift <= 31. */
static inline int32_t nk_shift_left(int32_t x, int32_t shift)
{
    return (int32_t)((uint32_t)x << shift);
}

/* x * multiplier * 2^(shift - 31); -31 <= shift <= 31, positive shifts to the left. */
static inline int32_t nk_multiply(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;

    return nk_round_shift(nk_high_mul(nk_shift_left(x, left), multiplier), right);
}

static inline int32_t nk_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : (x > high ? high : x);
}

#endif
