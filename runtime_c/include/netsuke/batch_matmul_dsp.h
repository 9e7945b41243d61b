/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_BATCH_MATMUL_DSP_H
#define NETSUKE_BATCH_MATMUL_DSP_H

#include "netsuke/kernel.h"

/* Fields as in nk_batch_matmul, but for: */
typedef struct nk_batch_matmul_dsp {
    const int8_t *x;
    int32_t       x_row;
    const int8_t *y;
    int32_t       y_row;
    int32_t       batch0, x_batch0, y_batch0;
    int32_t       batch1, x_batch1, y_batch1;
    int32_t       rows, columns, depth;
    int32_t       x_stride, x_depth_stride;
    int32_t       y_stride; /* from one row of y to the next */
    int32_t       x_zero_point, y_zero_point;
    int32_t       multiplier, shift; /* 2^30 to 2^31 - 1; to the right, 1 to 23 */
    int32_t       addend;            /* half of 2^shift and the zero point, shifted left */
} nk_batch_matmul_dsp;

/*
 * As nk_batch_matmul_row. y is [depth, columns], at least two columns, or, _adj, [columns, depth];
 * its rows are contiguous. depth is at most 16384. scratch: 8 bytes for each step of depth, 16
 * for each of the last depth % 2 or, _adj, depth % 4. The output must not be an input.
 */
NK_KERNEL void nk_batch_matmul_dsp_row(const nk_batch_matmul_dsp *p, const int8_t *const *in,
                                       int8_t *out, void *scratch, int32_t row);
NK_KERNEL void nk_batch_matmul_dsp_adj_row(const nk_batch_matmul_dsp *p, const int8_t *const *in,
                                           int8_t *out, void *scratch, int32_t row);

#endif
