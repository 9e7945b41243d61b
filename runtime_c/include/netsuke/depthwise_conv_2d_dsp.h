/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_DEPTHWISE_CONV_2D_DSP_H
#define NETSUKE_DEPTHWISE_CONV_2D_DSP_H

#include "netsuke/kernel.h"

typedef struct nk_depthwise_conv_2d_dsp {
    const uint32_t *weights; /* [groups of four channels][kernel_w][kernel_h], see columns.h */
    const int32_t  *scaling; /* [groups][4][2] */
    int32_t         in_w, in_c, in_zero_point;
    int32_t         kernel_h, kernel_w, stride_w, dilation_w, pad_left;
    int32_t         out_w, out_zero_point;
    int32_t         low, high; /* the range of the fused activation */
} nk_depthwise_conv_2d_dsp;

/*
 * One output row, as nk_depthwise_conv_2d_row computes it with multiplier 1. At least four
 * channels; where their number is no multiple of four the last group is the last four channels.
 * dilation_w is 1, kernel_w at most 7. The number in the name is kernel_h. scratch: the columns of
 * the row, 2 * kernel_h words each, and the table of netsuke/columns.h, 16 words (9 of _once) and
 * the columns of a window.
 */
#define NK_DEPTHWISE_CONV_2D_DSP_AS(suffix)                                                        \
    NK_KERNEL void nk_depthwise_conv_2d_dsp_##suffix##_row(                                        \
        const nk_depthwise_conv_2d_dsp *p, const int8_t *const *in, int8_t *out, void *scratch);
#define NK_DEPTHWISE_CONV_2D_DSP(kernel_h)                                                         \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h)                                                          \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h##_signed)                                                 \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h##_once_12)                                                \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h##_once_9)

NK_DEPTHWISE_CONV_2D_DSP(1)
NK_DEPTHWISE_CONV_2D_DSP(2)
NK_DEPTHWISE_CONV_2D_DSP(3)
NK_DEPTHWISE_CONV_2D_DSP(4)
NK_DEPTHWISE_CONV_2D_DSP(5)
NK_DEPTHWISE_CONV_2D_DSP(6)
NK_DEPTHWISE_CONV_2D_DSP(7)

#endif
