/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ADD, SUB and SQUARED_DIFFERENCE share: operands brought to one scale.
 *
 * a to b_inner   as in netsuke/broadcast.h
 * left_shift     operands less zero point are shifted left, multiplied by multiplier / 2^31, and
 *                shifted right
 */
#ifndef NETSUKE_SUMS_H
#define NETSUKE_SUMS_H

#include "netsuke/broadcast.h"
#include "netsuke/fixed_point.h"

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
    int32_t       left_shift;
    int32_t       a_multiplier;
    int32_t       a_shift;
    int32_t       b_multiplier;
    int32_t       b_shift;
    int32_t       out_multiplier;
    int32_t       out_shift;
    int32_t       low;
    int32_t       high;
} nk_sums;

/* A number of operand a in the common scale. */
static inline __attribute__((always_inline)) int32_t nk_sums_a(const nk_sums *p, int32_t a)
{
    const int32_t shifted = (a - p->a_zero_point) * (INT32_C(1) << p->left_shift);

    return nk_round_shift(nk_high_mul(shifted, p->a_multiplier), p->a_shift);
}

/* A number of operand b in the common scale. */
static inline __attribute__((always_inline)) int32_t nk_sums_b(const nk_sums *p, int32_t b)
{
    const int32_t shifted = (b - p->b_zero_point) * (INT32_C(1) << p->left_shift);

    return nk_round_shift(nk_high_mul(shifted, p->b_multiplier), p->b_shift);
}

#endif
