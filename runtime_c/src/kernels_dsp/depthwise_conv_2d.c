/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/depthwise_conv_2d_dsp.h"

#include "netsuke/columns.h"

/* n columns of zero points */
static inline void nk_columns_fill(uint32_t *to, int32_t n, int32_t words, int32_t zero_point)
{
    for (int32_t i = 0; i < n * words; i++) {
        to[i] = nk_pair(zero_point, zero_point);
    }
}

/* n columns of four channels, beginning with channel c of the rows' first pixel */
static inline void nk_columns_read(const int8_t *const *in, int32_t c, int32_t n, int32_t in_c,
                                   int32_t kernel_h, uint32_t *to)
{
    const int32_t step = 8 * kernel_h;

    if (kernel_h == 3) {
        nk_columns_three(in[0] + c, in[1] + c, in[2] + c, to, n, in_c);
        return;
    }
    for (int32_t row = 0; row + 2 <= kernel_h; row += 2) {
        nk_columns_pair(in[row] + c, in[row + 1] + c, to + 2 * row, n, in_c, step);
    }
    if (kernel_h & 1) {
        nk_columns_last(in[kernel_h - 1] + c, to + 2 * (kernel_h - 1), n, in_c, step);
    }
}

NK_ALWAYS_INLINE void nk_depthwise_conv_2d_dsp_any(const nk_depthwise_conv_2d_dsp *p,
                                                   const int8_t *const *in, int8_t *out,
                                                   void *scratch, int32_t kernel_h,
                                                   nk_columns          *columns,
                                                   nk_columns_tabulate *table_of, int32_t shift)
{
    const int32_t words = 2 * kernel_h;
    const int32_t width = (p->out_w - 1) * p->stride_w + p->kernel_w;
    const int32_t room = width - p->pad_left;
    const int32_t inside = room < p->in_w ? room : p->in_w;
    uint32_t     *first = (uint32_t *)scratch + p->pad_left * words;
    uint32_t     *table = (uint32_t *)scratch + width * words;

    nk_columns_fill((uint32_t *)scratch, p->pad_left, words, p->in_zero_point);
    nk_columns_fill(first + inside * words, room - inside, words, p->in_zero_point);
    for (int32_t c = 0, group = 0; c < p->in_c; c += 4, group++) {
        const int32_t at = c + 4 <= p->in_c ? c : p->in_c - 4;

        table_of(p->weights + group * p->kernel_w * kernel_h, p->scaling + group * 8, table,
                 p->kernel_w * kernel_h, (2 * p->out_zero_point + 1) * (1 << shift));
        nk_columns_read(in, at, inside, p->in_c, kernel_h, first);
        columns((const uint32_t *)scratch, table, out + at, p->in_c, out + at + p->out_w * p->in_c,
                (p->stride_w - p->kernel_w) * words * 4, p->kernel_w);
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out, p->out_w * p->in_c, p->low, p->high);
    }
}

#undef NK_DEPTHWISE_CONV_2D_DSP
#undef NK_DEPTHWISE_CONV_2D_DSP_AS
#define NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h, suffix, table, shift)                                \
    NK_KERNEL void nk_depthwise_conv_2d_dsp_##suffix##_row(                                        \
        const nk_depthwise_conv_2d_dsp *p, const int8_t *const *in, int8_t *out, void *scratch)    \
    {                                                                                              \
        nk_depthwise_conv_2d_dsp_any(p, in, out, scratch, kernel_h, nk_columns_##suffix, table,    \
                                     shift);                                                       \
    }
#define NK_DEPTHWISE_CONV_2D_DSP(kernel_h)                                                         \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h, kernel_h, nk_columns_table, 0)                           \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h, kernel_h##_signed, nk_columns_table, 0)                  \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h, kernel_h##_once_12, nk_columns_table_once, 11)           \
    NK_DEPTHWISE_CONV_2D_DSP_AS(kernel_h, kernel_h##_once_9, nk_columns_table_once, 8)

NK_DEPTHWISE_CONV_2D_DSP(1)
NK_DEPTHWISE_CONV_2D_DSP(2)
NK_DEPTHWISE_CONV_2D_DSP(3)
NK_DEPTHWISE_CONV_2D_DSP(4)
NK_DEPTHWISE_CONV_2D_DSP(5)
NK_DEPTHWISE_CONV_2D_DSP(6)
NK_DEPTHWISE_CONV_2D_DSP(7)
