/* SPDX-License-Identifier: Apache-2.0 */
/* Portable TRANSPOSE_CONV; the contract is in netsuke/transpose_conv.h. */
#include "netsuke/transpose_conv.h"

#include "netsuke/requantize.h"

/* sum of weight * (input - zero point) over the taps of kernel row w that meet column x + pad */
static inline uint32_t nk_transpose_conv_sum(const nk_transpose_conv *p, const int8_t *in,
                                             const int8_t *w, int32_t x)
{
    uint32_t sum = 0;

    for (int32_t kx = x % p->stride_w; kx < p->kernel_w && kx <= x; kx += p->stride_w) {
        const int32_t column = (x - kx) / p->stride_w;

        if (column < p->in_w) {
            const int8_t *pixel = in + column * p->in_c;
            const int8_t *tap = w + kx * p->in_c;

            for (int32_t c = 0; c < p->in_c; c++) {
                sum += (uint32_t)((pixel[c] - p->in_zero_point) * tap[c]);
            }
        }
    }
    return sum;
}

/* the output pixel at row y - pad_top, column x - pad_left */
static inline void nk_transpose_conv_pixel(const nk_transpose_conv *p, const int8_t *const *in,
                                           int8_t *out, int32_t y, int32_t x)
{
    const int32_t depth = p->kernel_w * p->in_c;
    const int32_t before = (y - p->pad_top) / p->stride_h + p->first;

    for (int32_t c = 0; c < p->out_c; c++) {
        const int8_t *w = p->weights + c * p->kernel_h * depth;
        uint32_t      sum = 0;

        for (int32_t ky = y % p->stride_h; ky < p->kernel_h && ky <= y; ky += p->stride_h) {
            const int32_t row = (y - ky) / p->stride_h;

            if (row < p->in_h) {
                const int8_t *from =
                    p->whole != 0 ? in[0] + row * p->in_w * p->in_c : in[row - before];

                sum += nk_transpose_conv_sum(p, from, w + ky * depth, x);
            }
        }
        out[c] = nk_requantize(sum, p->scaling, p->shift, c, p->out_zero_point, p->low, p->high);
    }
}

NK_KERNEL void nk_transpose_conv_row(const nk_transpose_conv *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row)
{
    const int32_t y = (p->by_pixel != 0 ? 0 : row) + p->pad_top;
    const int32_t x = (p->by_pixel != 0 ? row : 0) + p->pad_left;

    (void)scratch;
    for (int32_t i = 0; i < p->out_w; i++) {
        nk_transpose_conv_pixel(p, in, out + i * p->out_c, y, x + i);
    }
}
