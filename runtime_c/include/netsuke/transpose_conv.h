/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_TRANSPOSE_CONV_H
#define NETSUKE_TRANSPOSE_CONV_H

#include "netsuke/kernel.h"

/*
 * TRANSPOSE_CONV: one output row [out_w][out_c] from the input rows [in_w][in_c] that reach it.
 *
 * Output pixel (y, x) sums, over all taps (ky, kx), the products of weights with the input pixel
 * ((y + pad_top - ky) / stride_h, (x + pad_left - kx) / stride_w), where there is such a one.
 *
 * weights    [out_c][kernel_h][kernel_w][in_c]
 * scaling    [out_c][2]: bias and multiplier of each channel; shift is [out_c]
 * whole      in[0] is the whole input; otherwise in[i] is input row y / stride_h + first + i
 * by_pixel   the output has one row of pixels and `row` is the index of the only pixel to compute
 *
 * low, high  the range of the fused activation
 *
 * out = clamp((bias + sum of weight * (input - in_zero_point)) * multiplier * 2^(shift - 31) +
 * out_zero_point), rounded twice as TFLite does. out must not overlap in. No scratch.
 */
typedef struct {
    const int8_t  *weights;
    const int32_t *scaling;
    const int8_t  *shift;
    int32_t        in_h;
    int32_t        in_w;
    int32_t        in_c;
    int32_t        in_zero_point;
    int32_t        kernel_h;
    int32_t        kernel_w;
    int32_t        stride_h;
    int32_t        stride_w;
    int32_t        pad_top;
    int32_t        pad_left;
    int32_t        whole;
    int32_t        first;
    int32_t        by_pixel;
    int32_t        out_w;
    int32_t        out_c;
    int32_t        out_zero_point;
    int32_t        low;
    int32_t        high;
} nk_transpose_conv;

NK_KERNEL void nk_transpose_conv_row(const nk_transpose_conv *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row);

#endif
