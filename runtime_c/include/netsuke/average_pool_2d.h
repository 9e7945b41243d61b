/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_AVERAGE_POOL_2D_H
#define NETSUKE_AVERAGE_POOL_2D_H

#include "netsuke/kernel.h"

/*
 * AVERAGE_POOL_2D of one output row [out_w, channels] from kernel_h input rows [in_w, channels];
 * the pointer of a row outside the input is NULL. Each output is the sum of the window's elements
 * inside the input divided by their number, ties away from zero, clamped to [low, high]. The
 * output must not be the input. No scratch.
 *
 * by_pixel: `row` is the index of the only output pixel (out_w = 1) that the call computes, else 0
 * and unused; its window is columns from row * stride_w - pad_left on.
 */
typedef struct {
    int32_t channels;
    int32_t in_w;
    int32_t out_w;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t stride_w;
    int32_t pad_left;
    int32_t by_pixel;
    int32_t low;
    int32_t high;
} nk_average_pool_2d;

NK_KERNEL void nk_average_pool_2d_row(const nk_average_pool_2d *p, const int8_t *const *in,
                                      int8_t *out, void *scratch, int32_t row);

/*
 * The same for a single output row that covers all kernel_h input rows, given one by one.
 * acc has `channels` numbers, zero at first; out_w is 1.
 */
NK_KERNEL void nk_average_pool_2d_accumulate(const nk_average_pool_2d *p, const int8_t *row,
                                             int32_t *acc);
NK_KERNEL void nk_average_pool_2d_finish(const nk_average_pool_2d *p, const int32_t *acc,
                                         int8_t *out);

#endif
