/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MUL_DSP_H
#define NETSUKE_MUL_DSP_H

#include "netsuke/kernel.h"

/* Fields as in nk_mul, but for: */
typedef struct nk_mul_dsp {
    const int8_t *a;
    const int8_t *b;
    int32_t       a_row, b_row;
    int32_t       outer, inner;
    int32_t       a_outer, a_inner;
    int32_t       b_outer, b_inner;
    int32_t       a_zero_point, b_zero_point;
    int32_t       multiplier, shift; /* 2^30 to 2^31 - 1; to the right, 1 to 23 */
    int32_t       addend;            /* half of 2^shift and the zero point, shifted left */
    int32_t       low, high;
} nk_mul_dsp;

/* As nk_mul_row. */
NK_KERNEL void nk_mul_dsp_row(const nk_mul_dsp *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row);

#endif
