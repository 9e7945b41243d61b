/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/depthwise_conv_2d.h"

#include "netsuke/requantize.h"

/* sum of weight * input of output channel `c` over the window whose first column is `left` */
static inline uint32_t nk_depthwise_conv_2d_sum(const nk_depthwise_conv_2d *p,
                                                const int8_t *const *in, int32_t left, int32_t c)
{
    const int32_t out_c = p->in_c * p->multiplier;
    const int8_t *w = p->weights + c;
    uint32_t      sum = 0;

    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *row = in[ky] + c / p->multiplier;

        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            const int32_t value = x < 0 || x >= p->in_w ? p->in_zero_point : row[x * p->in_c];

            sum += (uint32_t)(value * *w);
            w += out_c;
        }
    }
    return sum;
}

static inline void nk_depthwise_conv_2d_pixel(const nk_depthwise_conv_2d *p,
                                              const int8_t *const *in, int8_t *out, int32_t x)
{
    for (int32_t c = 0; c < p->in_c * p->multiplier; c++) {
        const uint32_t sum = nk_depthwise_conv_2d_sum(p, in, x * p->stride_w - p->pad_left, c);

        out[c] = nk_requantize(sum, p->scaling, p->shift, c, p->out_zero_point, p->low, p->high);
    }
}

NK_KERNEL void nk_depthwise_conv_2d_row(const nk_depthwise_conv_2d *p, const int8_t *const *in,
                                        int8_t *out, void *scratch)
{
    (void)scratch;
    for (int32_t x = 0; x < p->out_w; x++) {
        nk_depthwise_conv_2d_pixel(p, in, out + x * p->in_c * p->multiplier, x);
    }
}

NK_KERNEL void nk_depthwise_conv_2d_pixel_row(const nk_depthwise_conv_2d *p,
                                              const int8_t *const *in, int8_t *out, void *scratch,
                                              int32_t row)
{
    (void)scratch;
    nk_depthwise_conv_2d_pixel(p, in, out, row);
}
