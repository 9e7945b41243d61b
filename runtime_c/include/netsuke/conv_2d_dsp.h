/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_CONV_2D_DSP_H
#define NETSUKE_CONV_2D_DSP_H

#include "netsuke/kernel.h"

typedef struct nk_conv_2d_dsp {
    const uint32_t *weights; /* [out_c / 2][pairs], see netsuke/tile.h */
    const int32_t  *scaling; /* [out_c][2], out_c rounded up to even */
    int32_t         pairs;   /* of a window */
    int32_t         pixels;  /* computed at once at most: 3, 2 or 1 */
    int32_t         in_w, in_c, in_zero_point;
    int32_t         kernel_h, kernel_w, stride_w, dilation_w, pad_left;
    int32_t         out_w, out_c, out_zero_point;
    int32_t         low, high; /* the range of the fused activation */
} nk_conv_2d_dsp;

/*
 * One output row, as nk_conv_2d_row computes it. scratch: `pixels` windows as pairs; where windows
 * reach over an edge, what `pixels` adjacent ones read of one input row, or, where columns are
 * dilated, of one column of the kernel. A pointwise convolution may write its output over its input
 * if out_c <= in_c.
 */
NK_KERNEL void nk_conv_2d_dsp_row(const nk_conv_2d_dsp *p, const int8_t *const *in, int8_t *out,
                                  void *scratch);

/* The same where negative outputs are not all clamped to the zero point, see netsuke/tile.h. */
NK_KERNEL void nk_conv_2d_dsp_signed_row(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                         int8_t *out, void *scratch);

/* The same where sums are rounded once, see netsuke/tile.h. */
NK_KERNEL void nk_conv_2d_dsp_once_12_row(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                          int8_t *out, void *scratch);
NK_KERNEL void nk_conv_2d_dsp_once_9_row(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                         int8_t *out, void *scratch);

#endif
