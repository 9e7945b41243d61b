/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/conv_2d_dsp.h"

#include "netsuke/tile.h"

/*
 * `width` columns of each row from column `left` on, as pairs; those outside the input are zero
 * points, which stand in `edge` while rows come and go between them.
 */
NK_SHARED uint32_t *nk_conv_2d_dsp_edge(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                        int32_t left, int32_t width, int32_t pixels, int32_t run,
                                        uint32_t *pairs, int8_t *edge)
{
    const int32_t begin = nk_limit(-left, 0, width), end = nk_limit(p->in_w - left, begin, width);
    const int8_t *row = edge;
    int8_t       *to = nk_fill_bytes(edge, p->in_zero_point, begin * p->in_c);

    nk_fill_bytes(edge + end * p->in_c, p->in_zero_point, (width - end) * p->in_c);
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        nk_copy_bytes(to, in[ky] + (left + begin) * p->in_c, (end - begin) * p->in_c);
        pairs = nk_expand(pixels, &row, 1, 0, p->stride_w * p->in_c, run, pairs);
    }
    return pairs;
}

/*
 * The windows of `pixels` output pixels from `x` on, as pairs. Where they reach over an edge, what
 * they read of each row is copied to `edge` first.
 */
NK_SHARED void nk_conv_2d_dsp_expand(const nk_conv_2d_dsp *p, const int8_t *const *in, int32_t x,
                                     int32_t pixels, uint32_t *pairs, int8_t *edge)
{
    const int32_t adjacent = p->dilation_w == 1 ? p->kernel_w : 1;
    const int32_t step = p->stride_w * p->in_c, run = adjacent * p->in_c;
    const int32_t width = (pixels - 1) * p->stride_w + adjacent;

    for (int32_t kx = 0; kx < p->kernel_w; kx += adjacent) {
        const int32_t left = x * p->stride_w - p->pad_left + kx * p->dilation_w;

        if (left >= 0 && left + width <= p->in_w) {
            pairs = nk_expand(pixels, in, p->kernel_h, left * p->in_c, step, run, pairs);
        } else {
            pairs = nk_conv_2d_dsp_edge(p, in, left, width, pixels, run, pairs, edge);
        }
    }
}

/* Some pixels: channels in twos, and the last one alone if their number is odd. */
NK_ALWAYS_INLINE void nk_conv_2d_dsp_pixels(const nk_conv_2d_dsp *p, nk_tile *tile, int32_t pixels,
                                            const uint32_t *x, int8_t *out, int32_t zero)
{
    const int32_t  even = p->out_c & ~1;
    const int32_t *end = p->scaling + 2 * even;

    if (even > 0) {
        tile(x, p->weights, p->scaling, out, p->out_c, end, zero, p->pairs);
    }
    if (even < p->out_c) {
        int8_t last[6] = {0, 0, 0, 0, 0, 0}; /* for the eye of analyzers */

        tile(x, p->weights + even / 2 * p->pairs, end, last, 2, end + 4, zero, p->pairs);
        for (int32_t i = 0; i < pixels; i++) {
            out[i * p->out_c + even] = last[2 * i];
        }
    }
}

/*
 * Pixels to compute at once where `left` are left of a row. Four are two twos: one alone takes
 * longest. What depends on the row's length alone is asked first, so that literals drop the rest.
 */
static inline int32_t nk_conv_2d_dsp_at_once(const nk_conv_2d_dsp *p, int32_t left)
{
    if (p->pixels == 1 || p->out_w == 1) {
        return 1;
    }
    if (p->pixels == 2) {
        return p->out_w % 2 != 0 && left == 1 ? 1 : 2;
    }
    return p->out_w % 3 != 0 && (left == 2 || left == 4) ? 2 : 3;
}

NK_ALWAYS_INLINE void nk_conv_2d_dsp_any(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                         int8_t *out, void *scratch, nk_tile *tile_3,
                                         nk_tile *tile_2, nk_tile *tile_1, int32_t shift)
{
    const int32_t zero = (2 * p->out_zero_point + 1) * (1 << shift);
    uint32_t     *pairs = (uint32_t *)scratch;
    int8_t       *edge = (int8_t *)(pairs + p->pixels * p->pairs);
    const int     inside = (p->out_w - 1) * p->stride_w < p->in_w; /* a pixel */

    for (int32_t x = 0, pixels = 0; x < p->out_w; x += pixels) {
        pixels = nk_conv_2d_dsp_at_once(p, p->out_w - x);
        if (p->kernel_h * p->kernel_w == 1 && p->pad_left == 0 && inside) {
            const int32_t step = p->stride_w * p->in_c;

            nk_expand(pixels, in, 1, x * step, step, p->in_c, pairs);
        } else {
            nk_conv_2d_dsp_expand(p, in, x, pixels, pairs, edge);
        }
        /* Not one call by a pointer: then no compiler could bound the stack. */
        if (pixels == 3) {
            nk_conv_2d_dsp_pixels(p, tile_3, 3, pairs, out + x * p->out_c, zero);
        } else if (pixels == 2) {
            nk_conv_2d_dsp_pixels(p, tile_2, 2, pairs, out + x * p->out_c, zero);
        } else {
            nk_conv_2d_dsp_pixels(p, tile_1, 1, pairs, out + x * p->out_c, zero);
        }
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out, p->out_w * p->out_c, p->low, p->high);
    }
}

/* `zero` of the tiles is shifted by `shift` */
#define NK_CONV_2D_DSP(suffix, shift)                                                              \
    NK_KERNEL void nk_conv_2d_dsp##suffix##_row(const nk_conv_2d_dsp *p, const int8_t *const *in,  \
                                                int8_t *out, void *scratch)                        \
    {                                                                                              \
        nk_conv_2d_dsp_any(p, in, out, scratch, nk_tile_3##suffix, nk_tile_2##suffix,              \
                           nk_tile_1##suffix, shift);                                              \
    }

NK_CONV_2D_DSP(, 0)
NK_CONV_2D_DSP(_signed, 0)
NK_CONV_2D_DSP(_once_12, 11)
NK_CONV_2D_DSP(_once_9, 8)
