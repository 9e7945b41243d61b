/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_PRELU_H
#define NETSUKE_PRELU_H

#include "netsuke/broadcast.h"

/*
 * PRELU of a row of outer * inner numbers: out = a, or a * b where a is negative, in real numbers.
 *
 * a to b_inner   as in netsuke/broadcast.h
 * shift          a less its zero point is multiplied by multiplier * 2^(shift - 31)
 * sloped_shift   the product of a and b less their zero points is, by sloped_multiplier *
 *                2^(sloped_shift - 31)
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
    int32_t       sloped_multiplier;
    int32_t       sloped_shift;
} nk_prelu;

NK_KERNEL void nk_prelu_row(const nk_prelu *p, const int8_t *const *in, int8_t *out, void *scratch,
                            int32_t row);

#endif
