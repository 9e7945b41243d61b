/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_DIV_H
#define NETSUKE_DIV_H

#include "netsuke/broadcast.h"

/*
 * DIV of a row of outer * inner numbers: out = a / b in real numbers, clamped to [low, high].
 *
 * a to b_inner   as in netsuke/broadcast.h
 * reciprocals    [256] for |b - b_zero_point| the multiplier r, and the shift s of `shifts`, with
 * shifts         (a - a_zero_point) * r / 2^31 * multiplier / 2^(31 + s) the quotient, in steps of
 *                the output's scale
 *
 * Rounds as TensorFlow Lite's reference. The output may be an operand of its size. No scratch.
 */
typedef struct {
    const int8_t  *a;
    const int8_t  *b;
    int32_t        a_row;
    int32_t        b_row;
    int32_t        outer;
    int32_t        inner;
    int32_t        a_outer;
    int32_t        a_inner;
    int32_t        b_outer;
    int32_t        b_inner;
    const int32_t *reciprocals;
    const int8_t  *shifts;
    int32_t        a_zero_point;
    int32_t        b_zero_point;
    int32_t        out_zero_point;
    int32_t        multiplier;
    int32_t        low;
    int32_t        high;
} nk_div;

NK_KERNEL void nk_div_row(const nk_div *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row);

#endif
