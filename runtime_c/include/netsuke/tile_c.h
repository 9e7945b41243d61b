/* SPDX-License-Identifier: Apache-2.0 */
/* tile.h in C, for hosts: the same numbers from the same data. */
#ifndef NETSUKE_TILE_C_H
#define NETSUKE_TILE_C_H

static inline int8_t nk_tile_out(int32_t twice, uint32_t word, int32_t multiplier, int32_t zero,
                                 int32_t sign)
{
    const uint32_t shift = word & 0xFFu;

    return nk_scale_doubled(twice, shift + 1, multiplier, (int32_t)((uint32_t)zero << shift), sign);
}

/* One pixel, one pair of channels. */
static inline void nk_tile_pixel(const uint32_t *x, int32_t pixels, const uint32_t *w,
                                 const int32_t *scaling, int8_t *out, int32_t zero, int32_t pairs,
                                 int32_t sign)
{
    const uint32_t word_a = (uint32_t)scaling[0], word_b = (uint32_t)scaling[2];
    uint32_t       a = (uint32_t)(scaling[0] >> 8);
    uint32_t       s = (word_b & ~255u) + a;

    for (int32_t k = 0; k < pairs; k++) {
        s = nk_smlad(w[k], x[k * pixels], s);
        a = nk_smlad(nk_sxtb16(w[k]), x[k * pixels], a);
    }
    out[0] = nk_tile_out((int32_t)(a << 1), word_a, scaling[1], zero, sign);
    out[1] = nk_tile_out((int32_t)(s - a) >> 7, word_b, scaling[3], zero, sign);
}

static inline void nk_tile_pixel_once(const uint32_t *x, int32_t pixels, const uint32_t *w,
                                      const int32_t *scaling, int8_t *out, int32_t zero,
                                      int32_t pairs, int32_t shift)
{
    uint32_t a = 0, s = (uint32_t)scaling[2];

    for (int32_t k = 0; k < pairs; k++) {
        s = nk_smlad(w[k], x[k * pixels], s);
        a = nk_smlad(nk_sxtb16(w[k]), x[k * pixels], a);
    }
    out[0] = nk_scale_once((int32_t)((a << 8) + (uint32_t)scaling[0]), scaling[1], zero, shift);
    out[1] = nk_scale_once((int32_t)(s - a), scaling[3], zero, shift);
}

#define NK_TILE(name, pixels, PIXEL, how)                                                          \
    NK_SHARED void name(const uint32_t *x, const uint32_t *w, const int32_t *scaling, int8_t *out, \
                        int32_t stride, const int32_t *scaling_end, int32_t zero, int32_t pairs)   \
    {                                                                                              \
        for (; scaling != scaling_end; scaling += 4, w += pairs, out += 2) {                       \
            for (int32_t i = 0; i < pixels; i++) {                                                 \
                PIXEL(x + i, pixels, w, scaling, out + i * stride, zero, pairs, how);              \
            }                                                                                      \
        }                                                                                          \
    }

#define NK_TILES(pixels)                                                                           \
    NK_TILE(nk_tile_##pixels, pixels, nk_tile_pixel, 0)                                            \
    NK_TILE(nk_tile_##pixels##_signed, pixels, nk_tile_pixel, -1)                                  \
    NK_TILE(nk_tile_##pixels##_once_12, pixels, nk_tile_pixel_once, 12)                            \
    NK_TILE(nk_tile_##pixels##_once_9, pixels, nk_tile_pixel_once, 9)

NK_TILES(3)
NK_TILES(2)
NK_TILES(1)

#define NK_EXPAND(pixels)                                                                          \
    NK_SHARED uint32_t *nk_expand_##pixels(const int8_t *const *rows, int32_t n, int32_t offset,   \
                                           int32_t step, int32_t run, uint32_t *to)                \
    {                                                                                              \
        return nk_expand_c(pixels, rows, n, offset, step, run, to);                                \
    }

NK_EXPAND(3)
NK_EXPAND(2)

#endif
