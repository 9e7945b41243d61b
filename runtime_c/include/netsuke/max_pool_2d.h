/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MAX_POOL_2D_H
#define NETSUKE_MAX_POOL_2D_H

#include "netsuke/kernel.h"

/*
 * MAX_POOL_2D of one output row [out_w, channels] from kernel_h input rows [in_w, channels]; the
 * pointer of a row outside the input is NULL. Each output is the greatest of the window's elements
 * inside the input, clamped to [low, high]. The output must not be the input. No scratch.
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
} nk_max_pool_2d;

NK_KERNEL void nk_max_pool_2d_row(const nk_max_pool_2d *p, const int8_t *const *in, int8_t *out,
                                  void *scratch, int32_t row);

#endif
