/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/conv_2d.h"

#include "netsuke/requantize.h"

/* sum of weight * input over one window whose first column is `left` */
static inline uint32_t nk_conv_2d_sum(const nk_conv_2d *p, const int8_t *const *in, const int8_t *w,
                                      int32_t left)
{
    uint32_t sum = 0;

    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;

            if (x < 0 || x >= p->in_w) {
                for (int32_t c = 0; c < p->in_c; c++) {
                    sum += (uint32_t)(p->in_zero_point * *w++);
                }
            } else {
                const int8_t *pixel = in[ky] + x * p->in_c;

                for (int32_t c = 0; c < p->in_c; c++) {
                    sum += (uint32_t)(pixel[c] * *w++);
                }
            }
        }
    }
    return sum;
}

static inline void nk_conv_2d_pixel(const nk_conv_2d *p, const int8_t *const *in, int8_t *out,
                                    int32_t x)
{
    const int32_t depth = p->kernel_h * p->kernel_w * p->in_c;

    for (int32_t c = 0; c < p->out_c; c++) {
        const uint32_t sum =
            nk_conv_2d_sum(p, in, p->weights + c * depth, x * p->stride_w - p->pad_left);

        out[c] = nk_requantize(sum, p->scaling, p->shift, c, p->out_zero_point, p->low, p->high);
    }
}

NK_KERNEL void nk_conv_2d_row(const nk_conv_2d *p, const int8_t *const *in, int8_t *out,
                              void *scratch)
{
    (void)scratch;
    for (int32_t x = 0; x < p->out_w; x++) {
        nk_conv_2d_pixel(p, in, out + x * p->out_c, x);
    }
}

NK_KERNEL void nk_conv_2d_pixel_row(const nk_conv_2d *p, const int8_t *const *in, int8_t *out,
                                    void *scratch, int32_t row)
{
    (void)scratch;
    nk_conv_2d_pixel(p, in, out, row);
}
