/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_DEPTHWISE_CONV_2D_H
#define NETSUKE_DEPTHWISE_CONV_2D_H

#include "netsuke/kernel.h"

typedef struct nk_depthwise_conv_2d {
    const int8_t *weights; /* [kernel_h][kernel_w][in_c * multiplier] */
    const int32_t
        *scaling;        /* [in_c * multiplier][2]: bias with the input's zero point, multiplier */
    const int8_t *shift; /* [in_c * multiplier] */
    int32_t       in_w, in_c, in_zero_point;
    int32_t       kernel_h, kernel_w, stride_w, dilation_w, pad_left;
    int32_t       out_w, multiplier, out_zero_point;
    int32_t       low, high; /* the range of the fused activation */
} nk_depthwise_conv_2d;

/*
 * One output row [out_w][in_c * multiplier] from kernel_h input rows [in_w][in_c]; output channel c
 * reads input channel c / multiplier.
 *
 * out = clamp((bias + sum of weight * input) * multiplier * 2^(shift - 31) + out_zero_point),
 * rounded twice as TFLite does. Columns outside the row count as in_zero_point. out must not
 * overlap in.
 */
NK_KERNEL void nk_depthwise_conv_2d_row(const nk_depthwise_conv_2d *p, const int8_t *const *in,
                                        int8_t *out, void *scratch);

/* One output pixel, column `row`, for outputs of height 1 whose rows are pixels. */
NK_KERNEL void nk_depthwise_conv_2d_pixel_row(const nk_depthwise_conv_2d *p,
                                              const int8_t *const *in, int8_t *out, void *scratch,
                                              int32_t row);

#endif
