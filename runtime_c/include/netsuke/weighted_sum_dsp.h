/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_WEIGHTED_SUM_DSP_H
#define NETSUKE_WEIGHTED_SUM_DSP_H

#include "netsuke/kernel.h"

/* Fraction bits of weights and offset: those of a are less than 8, and exact enough. */
#define NK_WEIGHTED_SUM_BITS 28

/*
 * ADD or SUB of a row of outer * inner numbers, operands as in nk_add:
 * out = floor(a * a_weight + b * b_weight + offset), clamped to [low, high].
 *
 * This is what nk_add_row or nk_sub_row computes: the compiler compares all pairs of numbers, and
 * uses this kernel only where all are equal. The output may be an operand of its size. No scratch.
 */
typedef struct nk_weighted_sum_dsp {
    const int8_t *a;
    const int8_t *b;
    int32_t       a_row, b_row;
    int32_t       outer, inner;
    int32_t       a_outer, a_inner;
    int32_t       b_outer, b_inner;
    int32_t       a_weight, b_weight;
    int32_t       offset_high, offset_low; /* the two words of 64 bits */
    int32_t       low, high;
} nk_weighted_sum_dsp;

NK_KERNEL void nk_weighted_sum_dsp_row(const nk_weighted_sum_dsp *p, const int8_t *const *in,
                                       int8_t *out, void *scratch, int32_t row);

#endif
