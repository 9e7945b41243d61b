/* SPDX-License-Identifier: Apache-2.0 */
/* vector.h in C, for hosts: the same numbers from the same data. */
#ifndef NETSUKE_VECTOR_C_H
#define NETSUKE_VECTOR_C_H

static inline int8_t nk_vector_out(int32_t twice, const int32_t *scaling, int32_t zero,
                                   int32_t sign)
{
    const uint32_t shift = (uint32_t)scaling[0] & 0xFFu;
    const int32_t  addend = (int32_t)((uint32_t)zero << shift);

    return nk_scale_doubled(twice, shift + 1, scaling[1], addend, sign);
}

/* One pair of channels, whose words are `pairs` apart. */
static inline void nk_vector_pair(const int8_t *x, const uint32_t *w, const int32_t *scaling,
                                  int8_t *out, int32_t zero, int32_t depth, int32_t pairs,
                                  int32_t wide, int32_t sign)
{
    uint32_t a = (uint32_t)(scaling[0] >> 8), b = (uint32_t)(scaling[2] >> 8);
    uint32_t s = ((uint32_t)scaling[2] & ~255u) + a;

    for (int32_t k = 0; k < depth; k += 2, w += pairs) {
        const uint32_t bytes = nk_load4(x + (k & ~3));
        const uint32_t lanes = (k & 2) == 0 ? nk_sxtb16(bytes) : nk_sxtb16_ror8(bytes);

        a = nk_smlad(nk_sxtb16(*w), lanes, a);
        b = nk_smlad(nk_sxtb16_ror8(*w), lanes, b);
        s = nk_smlad(*w, lanes, s);
    }
    out[0] = nk_vector_out((int32_t)(a << 1), scaling, zero, sign);
    out[1] = nk_vector_out(wide != 0 ? (int32_t)(b << 1) : (int32_t)(s - a) >> 7, scaling + 2, zero,
                           sign);
}

#define NK_VECTOR(name, channels, wide, sign)                                                      \
    NK_SHARED const uint32_t *name(const int8_t *x, const uint32_t *w, const int32_t *scaling,     \
                                   int8_t *out, const int32_t *scaling_end, int32_t zero,          \
                                   int32_t depth)                                                  \
    {                                                                                              \
        for (; scaling != scaling_end; w += depth / 2 * (channels) / 2) {                          \
            for (int32_t i = 0; i < (channels) / 2; i++, scaling += 4, out += 2) {                 \
                nk_vector_pair(x, w + i, scaling, out, zero, depth, (channels) / 2, wide, sign);   \
            }                                                                                      \
        }                                                                                          \
        return w;                                                                                  \
    }

NK_VECTOR(nk_vector_8, 8, 0, 0)
NK_VECTOR(nk_vector_2, 2, 0, 0)
NK_VECTOR(nk_vector_8_wide, 8, 1, 0)
NK_VECTOR(nk_vector_2_wide, 2, 1, 0)
NK_VECTOR(nk_vector_8_signed, 8, 0, -1)
NK_VECTOR(nk_vector_2_signed, 2, 0, -1)
NK_VECTOR(nk_vector_8_wide_signed, 8, 1, -1)
NK_VECTOR(nk_vector_2_wide_signed, 2, 1, -1)

#endif
