/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/depthwise_conv_2d_3x3_dsp.h"

#include "netsuke/window.h"

/* Columns [begin, end) of a strip that lie beyond the edges of the input. */
static inline void nk_window_fill(uint32_t *columns, int32_t begin, int32_t end, uint32_t zeros)
{
    for (int32_t i = begin * NK_WINDOW_WORDS; i < end * NK_WINDOW_WORDS; i++) {
        columns[i] = zeros;
    }
}

/* The first column beyond the right edge holds the last pixel of row 2, too. */
static inline void nk_window_close(uint32_t *column, const int8_t *last, int32_t zero_point)
{
    for (int32_t c = 0; c < 4; c++) {
        column[2 * c + 1] = nk_pair(last[c], zero_point);
    }
}

/* n pixels from x on; `zero` of the windows is shifted by `shift` */
NK_ALWAYS_INLINE void nk_depthwise_conv_2d_3x3_dsp_strip(const nk_depthwise_conv_2d_3x3_dsp *p,
                                                         const int8_t *const *in, int8_t *out,
                                                         uint32_t *columns, int32_t x, int32_t n,
                                                         int32_t stride, nk_window *window,
                                                         int32_t shift)
{
    const int32_t  zero_point = p->in_zero_point;
    const int32_t  zero = (2 * p->out_zero_point + 1) * (1 << shift);
    const int32_t  left = x * stride - p->pad_left, width = (n - 1) * stride + 3;
    const int32_t  begin = left < 0 ? -left : 0;
    const int32_t  end = p->in_w - left < width ? p->in_w - left : width;
    const int32_t  first = (left + begin) * p->in_c, last = (left + end - 1) * p->in_c;
    const uint32_t zeros = nk_pair(zero_point, zero_point);
    const uint32_t before = ((uint32_t)zero_point & 0xFFu) * 0x01010101u;

    nk_window_fill(columns, 0, begin, zeros);
    nk_window_fill(columns, end, width, zeros);
    for (int32_t c = 0, group = 0; c < p->in_c; c += 4, group++) {
        const int32_t at = c + 4 <= p->in_c ? c : p->in_c - 4;

        nk_window_columns(in[0] + first + at, in[1] + first + at, in[2] + first + at,
                          columns + begin * NK_WINDOW_WORDS, end - begin, p->in_c, before);
        if (end < width) {
            nk_window_close(columns + end * NK_WINDOW_WORDS, in[2] + last + at, zero_point);
        }
        window(columns, p->weights + group * NK_WINDOW_WEIGHT_WORDS, p->scaling + group * 8,
               out + x * p->in_c + at, p->in_c, n, zero);
    }
}

NK_ALWAYS_INLINE void nk_depthwise_conv_2d_3x3_dsp_any(const nk_depthwise_conv_2d_3x3_dsp *p,
                                                       const int8_t *const *in, int8_t *out,
                                                       void *scratch, int32_t stride,
                                                       nk_window *window, int32_t shift)
{
    for (int32_t x = 0; x < p->out_w; x += p->strip) {
        const int32_t left = p->out_w - x;

        nk_depthwise_conv_2d_3x3_dsp_strip(p, in, out, (uint32_t *)scratch, x,
                                           left < p->strip ? left : p->strip, stride, window,
                                           shift);
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out, p->out_w * p->in_c, p->low, p->high);
    }
}

#undef NK_DEPTHWISE_CONV_2D_3X3_DSP
#define NK_DEPTHWISE_CONV_2D_3X3_DSP(suffix, stride, shift)                                        \
    NK_KERNEL void nk_depthwise_conv_2d_3x3_dsp_##suffix##_row(                                    \
        const nk_depthwise_conv_2d_3x3_dsp *p, const int8_t *const *in, int8_t *out,               \
        void *scratch)                                                                             \
    {                                                                                              \
        nk_depthwise_conv_2d_3x3_dsp_any(p, in, out, scratch, stride, nk_window_##suffix, shift);  \
    }

NK_DEPTHWISE_CONV_2D_3X3_DSP(s1, 1, 0)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2, 2, 0)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_signed, 1, 0)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_signed, 2, 0)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_once_12, 1, 11)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s1_once_9, 1, 8)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_once_12, 2, 11)
NK_DEPTHWISE_CONV_2D_3X3_DSP(s2_once_9, 2, 8)
