/* SPDX-License-Identifier: Apache-2.0 */
/* window.h in C, for hosts: the same numbers from the same data. */
#ifndef NETSUKE_WINDOW_C_H
#define NETSUKE_WINDOW_C_H

/* Weights of channel c: the pairs of rows 0 and 1 by column, that of row 2, and w22. */
typedef struct nk_window_weights {
    uint32_t pair[3], last;
    int32_t  corner;
} nk_window_weights;

static inline nk_window_weights nk_window_unpack(const uint32_t *weights, int32_t c)
{
    const uint32_t          a = weights[2 * c], b = weights[2 * c + 1];
    const nk_window_weights w = {
        {nk_sxtb16(a), nk_sxtb16_ror8(a), nk_sxtb16(b)},
        nk_sxtb16_ror8(b),
        (int8_t)(uint8_t)(weights[8] >> (8 * c) & 0xFFu),
    };

    return w;
}

static inline uint32_t nk_window_sum(const uint32_t *x, const nk_window_weights *w, uint32_t sum)
{
    const uint32_t *middle = x + NK_WINDOW_WORDS, *right = middle + NK_WINDOW_WORDS;

    sum = nk_smlad(x[0], w->pair[0], sum);
    sum = nk_smlad(middle[0], w->pair[1], sum);
    sum = nk_smlad(middle[1], w->last, sum);
    sum = nk_smlad(right[0], w->pair[2], sum);
    return sum + (uint32_t)(nk_high_lane(right[1]) * w->corner);
}

static inline void nk_window_any(const uint32_t *x, const uint32_t *weights, const int32_t *scaling,
                                 int8_t *out, int32_t stride, int32_t n, int32_t zero, int32_t step,
                                 int32_t sign)
{
    for (int32_t c = 0; c < 4; c++, scaling += 2) {
        const nk_window_weights w = nk_window_unpack(weights, c);
        const uint32_t          shift = (uint32_t)scaling[0] & 0xFFu;
        const int32_t           addend = (int32_t)((uint32_t)zero << shift);

        for (int32_t i = 0; i < n; i++) {
            const uint32_t sum = nk_window_sum(x + i * step * NK_WINDOW_WORDS + 2 * c, &w,
                                               (uint32_t)(scaling[0] >> 8));

            out[i * stride + c] =
                nk_scale_doubled((int32_t)(sum << 1), shift + 1, scaling[1], addend, sign);
        }
    }
}

static inline void nk_window_any_once(const uint32_t *x, const uint32_t *weights,
                                      const int32_t *scaling, int8_t *out, int32_t stride,
                                      int32_t n, int32_t zero, int32_t step, int32_t shift)
{
    for (int32_t c = 0; c < 4; c++, scaling += 2) {
        const nk_window_weights w = nk_window_unpack(weights, c);

        for (int32_t i = 0; i < n; i++) {
            const uint32_t sum = nk_window_sum(x + i * step * NK_WINDOW_WORDS + 2 * c, &w, 0);

            out[i * stride + c] = nk_scale_once((int32_t)((sum << 8) + (uint32_t)scaling[0]),
                                                scaling[1], zero, shift);
        }
    }
}

#define NK_WINDOW(name, step, sign)                                                                \
    NK_SHARED void name(const uint32_t *x, const uint32_t *weights, const int32_t *scaling,        \
                        int8_t *out, int32_t stride, int32_t n, int32_t zero)                      \
    {                                                                                              \
        nk_window_any(x, weights, scaling, out, stride, n, zero, step, sign);                      \
    }

#define NK_WINDOW_ONCE(name, step, shift)                                                          \
    NK_SHARED void name(const uint32_t *x, const uint32_t *weights, const int32_t *scaling,        \
                        int8_t *out, int32_t stride, int32_t n, int32_t zero)                      \
    {                                                                                              \
        nk_window_any_once(x, weights, scaling, out, stride, n, zero, step, shift);                \
    }

NK_WINDOW(nk_window_s1, 1, 0)
NK_WINDOW(nk_window_s2, 2, 0)
NK_WINDOW(nk_window_s1_signed, 1, -1)
NK_WINDOW(nk_window_s2_signed, 2, -1)
NK_WINDOW_ONCE(nk_window_s1_once_12, 1, 12)
NK_WINDOW_ONCE(nk_window_s2_once_12, 2, 12)
NK_WINDOW_ONCE(nk_window_s1_once_9, 1, 9)
NK_WINDOW_ONCE(nk_window_s2_once_9, 2, 9)

/* Columns of n > 0 pixels `in_c` bytes apart; before the first, four channels of row 2. */
NK_SHARED void nk_window_columns(const int8_t *row_0, const int8_t *row_1, const int8_t *row_2,
                                 uint32_t *to, int32_t n, int32_t in_c, uint32_t before)
{
    for (int32_t i = 0; i < n; i++) {
        for (int32_t c = 0; c < 4; c++) {
            const int32_t at = i * in_c + c;

            *to++ = nk_pair(row_0[at], row_1[at]);
            *to++ = nk_pair((int8_t)(uint8_t)(before >> (8 * c) & 0xFFu), row_2[at]);
        }
        before = nk_load4(row_2 + i * in_c);
    }
}

#endif
