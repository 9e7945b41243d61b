/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MUL_H
#define NETSUKE_MUL_H

#include "netsuke/broadcast.h"

/*
 * MUL of a row of outer * inner numbers: out = a * b in real numbers, clamped to [low, high].
 *
 * a to b_inner   as in netsuke/broadcast.h
 * shift          the product of the operands less their zero points is multiplied by
 *                multiplier * 2^(shift - 31)
 *
 * Rounds as TensorFlow Lite's reference. The output may be an operand of its size. No scratch.
 */
typedef struct {
    const int8_t *a;
    const int8_t *b;
    int32_t       a_row;
    int32_t       b_row;
    int32_t       outer;
    int32_t       inner;
    int32_t       a_outer;
    int32_t       a_inner;
    int32_t       b_outer;
    int32_t       b_inner;
    int32_t       a_zero_point;
    int32_t       b_zero_point;
    int32_t       out_zero_point;
    int32_t       multiplier;
    int32_t       shift;
    int32_t       low;
    int32_t       high;
} nk_mul;

NK_KERNEL void nk_mul_row(const nk_mul *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row);

#endif
