/* SPDX-License-Identifier: Apache-2.0 */
/* columns.h in C, for hosts: the same numbers from the same data. */
#ifndef NETSUKE_COLUMNS_C_H
#define NETSUKE_COLUMNS_C_H

/* Adds one column's products to the sums of four channels. */
static inline void nk_column_sums(const uint32_t *x, const uint32_t *w, int32_t kernel_h,
                                  uint32_t *sums)
{
    for (int32_t row = 0; row + 2 <= kernel_h; row += 2, x += 4, w += 4) {
        for (int32_t c = 0; c < 4; c++) {
            sums[c] = nk_smlad(x[c], w[c], sums[c]);
        }
    }
    for (int32_t c = 0; c < 4 && (kernel_h & 1); c++) {
        const int32_t a = c < 2 ? nk_low_lane(x[c & 1]) : nk_high_lane(x[c & 1]);
        const int32_t b = c < 2 ? nk_low_lane(w[c & 1]) : nk_high_lane(w[c & 1]);

        sums[c] += (uint32_t)(a * b);
    }
}

static inline void nk_columns_any(const uint32_t *x, const uint32_t *table, int8_t *out,
                                  int32_t stride, const int8_t *end, int32_t skip, int32_t kernel_w,
                                  int32_t kernel_h, int32_t sign)
{
    const int32_t   words = 2 * kernel_h;
    const uint32_t *scaling = table + 4 + kernel_w * words;

    for (; out != end; out += stride, x += kernel_w * words + skip / 4) {
        uint32_t sums[4];

        memcpy(sums, table, sizeof sums);
        for (int32_t i = 0; i < kernel_w; i++) {
            nk_column_sums(x + i * words, table + 4 + i * words, kernel_h, sums);
        }
        for (int32_t c = 0; c < 4; c++) {
            const uint32_t *s = scaling + 3 * c;

            out[c] = nk_scale_doubled((int32_t)(sums[c] << 1), s[0] + 1, (int32_t)s[1],
                                      (int32_t)s[2], sign);
        }
    }
}

static inline void nk_columns_any_once(const uint32_t *x, const uint32_t *table, int8_t *out,
                                       int32_t stride, const int8_t *end, int32_t skip,
                                       int32_t kernel_w, int32_t kernel_h, int32_t shift)
{
    const int32_t   words = 2 * kernel_h;
    const uint32_t *scaling = table + 4 + kernel_w * words;

    for (; out != end; out += stride, x += kernel_w * words + skip / 4) {
        uint32_t sums[4];

        memcpy(sums, table, sizeof sums);
        for (int32_t i = 0; i < kernel_w; i++) {
            nk_column_sums(x + i * words, table + 4 + i * words, kernel_h, sums);
        }
        for (int32_t c = 0; c < 4; c++) {
            out[c] =
                nk_scale_once((int32_t)sums[c], (int32_t)scaling[c], (int32_t)scaling[4], shift);
        }
    }
}

#define NK_COLUMNS_ONCE(name, kernel_h, shift)                                                     \
    NK_SHARED void name(const uint32_t *x, const uint32_t *table, int8_t *out, int32_t stride,     \
                        const int8_t *end, int32_t skip, int32_t kernel_w)                         \
    {                                                                                              \
        nk_columns_any_once(x, table, out, stride, end, skip, kernel_w, kernel_h, shift);          \
    }
#define NK_COLUMNS(name, kernel_h, sign)                                                           \
    NK_SHARED void name(const uint32_t *x, const uint32_t *table, int8_t *out, int32_t stride,     \
                        const int8_t *end, int32_t skip, int32_t kernel_w)                         \
    {                                                                                              \
        nk_columns_any(x, table, out, stride, end, skip, kernel_w, kernel_h, sign);                \
    }
#define NK_EACH_COLUMNS(kernel_h)                                                                  \
    NK_COLUMNS(nk_columns_##kernel_h, kernel_h, 0)                                                 \
    NK_COLUMNS(nk_columns_##kernel_h##_signed, kernel_h, -1)                                       \
    NK_COLUMNS_ONCE(nk_columns_##kernel_h##_once_12, kernel_h, 12)                                 \
    NK_COLUMNS_ONCE(nk_columns_##kernel_h##_once_9, kernel_h, 9)

NK_EACH_COLUMNS(1)
NK_EACH_COLUMNS(2)
NK_EACH_COLUMNS(3)
NK_EACH_COLUMNS(4)
NK_EACH_COLUMNS(5)
NK_EACH_COLUMNS(6)
NK_EACH_COLUMNS(7)

/* The table of four channels from n words of weights and eight of scaling. */
NK_SHARED void nk_columns_table(const uint32_t *weights, const int32_t *scaling, uint32_t *to,
                                int32_t n, int32_t zero)
{
    for (int32_t c = 0; c < 4; c++) {
        *to++ = (uint32_t)(scaling[2 * c] >> 8);
    }
    for (int32_t i = 0; i < n; i++) {
        *to++ = nk_sxtb16(weights[i]);
        *to++ = nk_sxtb16_ror8(weights[i]);
    }
    for (int32_t c = 0; c < 4; c++) {
        const uint32_t shift = (uint32_t)scaling[2 * c] & 0xFFu;

        *to++ = shift;
        *to++ = (uint32_t)scaling[2 * c + 1];
        *to++ = (uint32_t)zero << shift;
    }
}

/* The same with weights 256 times as large. */
NK_SHARED void nk_columns_table_once(const uint32_t *weights, const int32_t *scaling, uint32_t *to,
                                     int32_t n, int32_t zero)
{
    for (int32_t c = 0; c < 4; c++) {
        *to++ = (uint32_t)scaling[2 * c];
    }
    for (int32_t i = 0; i < n; i++) {
        *to++ = (weights[i] << 8) & 0xFF00FF00u;
        *to++ = weights[i] & 0xFF00FF00u;
    }
    for (int32_t c = 0; c < 4; c++) {
        *to++ = (uint32_t)scaling[2 * c + 1];
    }
    *to = (uint32_t)zero;
}

/* Two rows of n > 0 pixels in_c bytes apart: four words for each column, `step` bytes apart. */
NK_SHARED void nk_columns_pair(const int8_t *row_a, const int8_t *row_b, uint32_t *to, int32_t n,
                               int32_t in_c, int32_t step)
{
    for (int32_t i = 0; i < n; i++, to += step / 4) {
        for (int32_t c = 0; c < 4; c++) {
            to[c] = nk_pair(row_a[i * in_c + c], row_b[i * in_c + c]);
        }
    }
}

/* A last row: two words for each column. */
NK_SHARED void nk_columns_last(const int8_t *row, uint32_t *to, int32_t n, int32_t in_c,
                               int32_t step)
{
    for (int32_t i = 0; i < n; i++, to += step / 4) {
        to[0] = nk_pair(row[i * in_c], row[i * in_c + 2]);
        to[1] = nk_pair(row[i * in_c + 1], row[i * in_c + 3]);
    }
}

/* Three rows at once, the most frequent case: six words for each column. */
NK_SHARED void nk_columns_three(const int8_t *row_a, const int8_t *row_b, const int8_t *row_c,
                                uint32_t *to, int32_t n, int32_t in_c)
{
    nk_columns_pair(row_a, row_b, to, n, in_c, 24);
    nk_columns_last(row_c, to + 4, n, in_c, 24);
}

#endif
