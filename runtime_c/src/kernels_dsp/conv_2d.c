/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/conv_2d_dsp.h"

#include "netsuke/tile.h"

/* Four, two and one pixel at a time. */
typedef struct nk_tiles {
    nk_tile *of[3];
} nk_tiles;

/*
 * The n bytes from column `x` of a row on, those outside it as zero points.
 */
NK_SHARED void nk_conv_2d_dsp_edge(const nk_conv_2d_dsp *p, const int8_t *row, int32_t x, int32_t n,
                                   int8_t *to)
{
    const int32_t from = x * p->in_c, end = p->in_w * p->in_c;

    for (int32_t i = 0; i < n; i++) {
        to[i] = (int8_t)(from + i < 0 || from + i >= end ? p->in_zero_point : row[from + i]);
    }
}

/* The windows of `pixels` output pixels from `x` on, as pairs. */
static inline void nk_conv_2d_dsp_expand(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                         int32_t x, int32_t pixels, uint32_t *pairs,
                                         int8_t *edges)
{
    const int32_t columns = p->dilation_w == 1 ? p->kernel_w : 1;
    const int32_t run = columns * p->in_c;

    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx += columns) {
            const int8_t *from[4];

            for (int32_t i = 0; i < pixels; i++) {
                const int32_t left = (x + i) * p->stride_w - p->pad_left + kx * p->dilation_w;

                from[i] = in[ky] + left * p->in_c;
                if (left < 0 || left + columns > p->in_w) {
                    nk_conv_2d_dsp_edge(p, in[ky], left, run, edges + i * run);
                    from[i] = edges + i * run;
                }
            }
            pairs = nk_expand(from, pixels, run, pairs);
        }
    }
}

/* Some pixels: channels in twos, and the last one alone if their number is odd. */
static inline void nk_conv_2d_dsp_pixels(const nk_conv_2d_dsp *p, nk_tile *tile, int32_t pixels,
                                         const uint32_t *x, int8_t *out, int8_t *last)
{
    const int32_t  even = p->out_c & ~1;
    const int32_t *end = p->scaling + 2 * even;
    const int32_t  zero = 2 * p->out_zero_point + 1;

    if (even > 0) {
        tile(x, p->weights, p->scaling, out, p->out_c, end, zero, p->pairs);
    }
    if (even < p->out_c) {
        tile(x, p->weights + even / 2 * p->pairs, end, last, 2, end + 4, zero, p->pairs);
        for (int32_t i = 0; i < pixels; i++) {
            out[i * p->out_c + even] = last[2 * i];
        }
    }
}

static inline void nk_conv_2d_dsp_any(const nk_conv_2d_dsp *p, const int8_t *const *in, int8_t *out,
                                      void *scratch, nk_tiles tiles)
{
    uint32_t *pairs = scratch;
    int8_t   *last = (int8_t *)(pairs + 4 * p->pairs);
    int32_t   x = 0;

    for (int32_t size = 0, pixels = 4; size < 3; size++, pixels /= 2) {
        for (; x + pixels <= p->out_w; x += pixels) {
            nk_conv_2d_dsp_expand(p, in, x, pixels, pairs, last + 8);
            nk_conv_2d_dsp_pixels(p, tiles.of[size], pixels, pairs, out + x * p->out_c, last);
        }
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out, p->out_w * p->out_c, p->low, p->high);
    }
}

NK_KERNEL void nk_conv_2d_dsp_row(const nk_conv_2d_dsp *p, const int8_t *const *in, int8_t *out,
                                  void *scratch)
{
    const nk_tiles tiles = {{nk_tile_4, nk_tile_2, nk_tile_1}};

    nk_conv_2d_dsp_any(p, in, out, scratch, tiles);
}

NK_KERNEL void nk_conv_2d_dsp_signed_row(const nk_conv_2d_dsp *p, const int8_t *const *in,
                                         int8_t *out, void *scratch)
{
    const nk_tiles tiles = {{nk_tile_4_signed, nk_tile_2_signed, nk_tile_1_signed}};

    nk_conv_2d_dsp_any(p, in, out, scratch, tiles);
}
