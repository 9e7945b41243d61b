/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_DEPTHWISE_CONV_2D_3X3_DSP_H
#define NETSUKE_DEPTHWISE_CONV_2D_3X3_DSP_H

#include "netsuke/kernel.h"

typedef struct nk_depthwise_conv_2d_3x3_dsp {
    const uint32_t *weights; /* [groups of four channels][9], see netsuke/window.h */
    const int32_t  *scaling; /* [groups][4][2] */
    int32_t         strip;   /* pixels computed at once at most */
    int32_t         in_w, in_c, in_zero_point;
    int32_t         pad_left; /* every window meets the input */
    int32_t         out_w, out_zero_point;
    int32_t         low, high; /* the range of the fused activation */
} nk_depthwise_conv_2d_3x3_dsp;

/*
 * One output row, as nk_depthwise_conv_2d_row computes it with multiplier 1 from windows of 3 x 3,
 * one or two columns apart (_s1, _s2). At least four channels; where their number is no multiple
 * of four the last group is the last four channels. scratch: the columns that a strip reads, eight
 * words each.
 */
#define NK_DEPTHWISE_CONV_2D_3X3_DSP(suffix)                                                       \
    NK_KERNEL void nk_depthwise_conv_2d_3x3_dsp_##suffix##_row(                                    \
        const nk_depthwise_conv_2d_3x3_dsp *p, const int8_t *const *in, int8_t *out,               \
        void *scratch);

NK_DEPTHWISE_CONV_2D_3X3_DSP(s1)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_signed)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_signed)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_once_12)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_once_12)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_once_9)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_once_9)

#endif
