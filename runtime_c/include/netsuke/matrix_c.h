/* SPDX-License-Identifier: Apache-2.0 */
/* matrix.h in C, for hosts: the same numbers from the same data. */
#ifndef NETSUKE_MATRIX_C_H
#define NETSUKE_MATRIX_C_H

/* sums[row] = start[row] + x * one row of y. Steps k of four come in the order 0 2, 1 3. */
NK_SHARED void nk_matrix_row(const uint32_t *x, const int8_t *y, int32_t quads,
                             const int32_t *start, int32_t *sums)
{
    uint32_t sum[4];

    for (int32_t i = 0; i < 4; i++) {
        sum[i] = (uint32_t)start[i];
    }
    for (int32_t k = 0; k < quads; k++, x += 8) {
        const uint32_t word = nk_load4(y + 4 * k);

        for (int32_t i = 0; i < 4; i++) {
            sum[i] = nk_smlad(nk_sxtb16(word), x[i], sum[i]);
            sum[i] = nk_smlad(nk_sxtb16_ror8(word), x[4 + i], sum[i]);
        }
    }
    for (int32_t i = 0; i < 4; i++) {
        sums[i] = (int32_t)sum[i];
    }
}

/* sums[2 * row + i] = start[row] + x * column i of y, whose rows are `stride` bytes apart. */
NK_SHARED void nk_matrix_columns(const uint32_t *x, const int8_t *y, int32_t stride, int32_t pairs,
                                 const int32_t *start, int32_t *sums)
{
    uint32_t sum[8];

    for (int32_t i = 0; i < 8; i++) {
        sum[i] = (uint32_t)start[i >> 1];
    }
    for (int32_t k = 0; k < pairs; k++, x += 4) {
        const int8_t *at = y + 2 * k * stride;

        for (int32_t i = 0; i < 8; i++) {
            sum[i] = nk_smlad(nk_pair(at[i & 1], at[stride + (i & 1)]), x[i >> 1], sum[i]);
        }
    }
    for (int32_t i = 0; i < 8; i++) {
        sums[i] = (int32_t)sum[i];
    }
}

#endif
