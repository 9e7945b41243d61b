/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL for Armv7E-M, four rows at a time; the contract is in netsuke/batch_matmul_dsp.h. */
#include "netsuke/batch_matmul_dsp.h"

#include "netsuke/matrix.h"

/* Steps that the core takes at once: two for columns of y, four for rows of y. */
#define NK_MATRIX_COLUMN_STEPS 2
#define NK_MATRIX_ROW_STEPS    4

/*
 * Up to four rows of x as pairs: of `steps` steps, each of the first half with the one half of them
 * later. What is left of depth follows, one step in each word; returns where. `offset` of a row is
 * what the zero point of y adds to each of its sums.
 */
NK_SHARED const uint32_t *nk_batch_matmul_dsp_expand(const nk_batch_matmul_dsp *p, const int8_t *x,
                                                     int32_t rows, int32_t steps, uint32_t *to,
                                                     int32_t *offset)
{
    const int32_t depth = p->depth, stride = p->x_depth_stride, zero_point = p->x_zero_point;
    const int32_t whole = depth & -steps, half = steps / 2;

    for (int32_t i = 0; i < rows; i++, x += p->x_stride) {
        const int8_t *from = x;
        uint32_t     *pair = to + i;
        int32_t       sum = 0;

        for (int32_t k = 0; k < whole; k += steps, from += half * stride) {
            for (int32_t h = 0; h < half; h++, from += stride, pair += 4) {
                const int32_t low = from[0] - zero_point;
                const int32_t high = from[half * stride] - zero_point;

                *pair = nk_pair(low, high);
                sum += low + high;
            }
        }
        for (int32_t k = whole; k < depth; k++, from += stride, pair += 4) {
            *pair = nk_pair(from[0] - zero_point, 0);
            sum += from[0] - zero_point;
        }
        offset[i] = -p->y_zero_point * sum;
    }
    return to + 2 * whole;
}

/* Copies of fields, which could otherwise change with each output. */
typedef struct {
    int32_t  multiplier, addend;
    uint32_t shift;
} nk_batch_matmul_dsp_scaling;

NK_ALWAYS_INLINE nk_batch_matmul_dsp_scaling
nk_batch_matmul_dsp_scaling_of(const nk_batch_matmul_dsp *p)
{
    const nk_batch_matmul_dsp_scaling s = {p->multiplier, p->addend, (uint32_t)p->shift};

    return s;
}

NK_ALWAYS_INLINE int8_t nk_batch_matmul_dsp_scale(nk_batch_matmul_dsp_scaling s, int32_t sum)
{
    return nk_scale_doubled(2 * sum, s.shift, s.multiplier, s.addend, -1);
}

/*
 * Adds what steps [from, to) of depth add to `count` sums of each row, which are one for each
 * column of y; y moves by `stride` from step to step.
 */
NK_SHARED void nk_batch_matmul_dsp_rest(const uint32_t *x, const int8_t *y, int32_t stride,
                                        int32_t from, int32_t to, int32_t count, int32_t *sums)
{
    for (int32_t k = from; k < to; k++, x += 4) {
        for (int32_t i = 0; i < 4 * count; i++) {
            sums[i] += nk_low_lane(x[i / count]) * y[k * stride + i % count];
        }
    }
}

/* Up to four rows of the output; y is [columns, depth]. */
NK_SHARED void nk_batch_matmul_dsp_by_rows(const nk_batch_matmul_dsp *p, const int8_t *x,
                                           const int8_t *y, int32_t rows, int8_t *out,
                                           uint32_t *pairs)
{
    const int32_t   depth = p->depth, whole = depth & -NK_MATRIX_ROW_STEPS;
    const int32_t   columns = p->columns, y_stride = p->y_stride;
    int32_t         offset[4] = {0, 0, 0, 0}, sums[4];
    const uint32_t *last =
        nk_batch_matmul_dsp_expand(p, x, rows, NK_MATRIX_ROW_STEPS, pairs, offset);
    const nk_batch_matmul_dsp_scaling s = nk_batch_matmul_dsp_scaling_of(p);

    for (int32_t j = 0; j < columns; j++, y += y_stride) {
        int8_t *to = out + j;

        nk_matrix_row(pairs, y, whole / NK_MATRIX_ROW_STEPS, offset, sums);
        if (whole < depth) {
            nk_batch_matmul_dsp_rest(last, y, 1, whole, depth, 1, sums);
        }
        for (int32_t i = 0; i < rows; i++, to += columns) {
            *to = nk_batch_matmul_dsp_scale(s, sums[i]);
        }
    }
}

/* The same; y is [depth, columns], taken by twos, the last of which may overlap. */
NK_SHARED void nk_batch_matmul_dsp_by_columns(const nk_batch_matmul_dsp *p, const int8_t *x,
                                              const int8_t *y, int32_t rows, int8_t *out,
                                              uint32_t *pairs)
{
    const int32_t   depth = p->depth, whole = depth & -NK_MATRIX_COLUMN_STEPS;
    const int32_t   columns = p->columns, y_stride = p->y_stride;
    int32_t         offset[4] = {0, 0, 0, 0}, sums[8];
    const uint32_t *last =
        nk_batch_matmul_dsp_expand(p, x, rows, NK_MATRIX_COLUMN_STEPS, pairs, offset);
    const nk_batch_matmul_dsp_scaling s = nk_batch_matmul_dsp_scaling_of(p);

    for (int32_t j = 0; j < columns; j += 2) {
        const int32_t at = j + 2 <= columns ? j : columns - 2;
        int8_t       *to = out + at;

        nk_matrix_columns(pairs, y + at, y_stride, whole / NK_MATRIX_COLUMN_STEPS, offset, sums);
        if (whole < depth) {
            nk_batch_matmul_dsp_rest(last, y + at, y_stride, whole, depth, 2, sums);
        }
        for (int32_t i = 0; i < rows; i++, to += columns) {
            to[0] = nk_batch_matmul_dsp_scale(s, sums[2 * i]);
            to[1] = nk_batch_matmul_dsp_scale(s, sums[2 * i + 1]);
        }
    }
}

/* One matrix, four rows at a time; returns the end of what was written. */
NK_ALWAYS_INLINE int8_t *nk_batch_matmul_dsp_matrix(const nk_batch_matmul_dsp *p, const int8_t *x,
                                                    const int8_t *y, int8_t *out, void *scratch,
                                                    int32_t adj)
{
    for (int32_t i = 0; i < p->rows; i += 4, x += 4 * p->x_stride) {
        const int32_t rows = p->rows - i < 4 ? p->rows - i : 4;

        if (adj != 0) {
            nk_batch_matmul_dsp_by_rows(p, x, y, rows, out, (uint32_t *)scratch);
        } else {
            nk_batch_matmul_dsp_by_columns(p, x, y, rows, out, (uint32_t *)scratch);
        }
        out += rows * p->columns;
    }
    return out;
}

NK_ALWAYS_INLINE void nk_batch_matmul_dsp_any(const nk_batch_matmul_dsp *p, const int8_t *const *in,
                                              int8_t *out, void *scratch, int32_t row, int32_t adj)
{
    const int8_t *x = (p->x != NULL ? p->x : *in++) + row * p->x_row;
    const int8_t *y = (p->y != NULL ? p->y : *in) + row * p->y_row;

    for (int32_t a = 0; a < p->batch0; a++) {
        for (int32_t b = 0; b < p->batch1; b++) {
            out = nk_batch_matmul_dsp_matrix(p, x + a * p->x_batch0 + b * p->x_batch1,
                                             y + a * p->y_batch0 + b * p->y_batch1, out, scratch,
                                             adj);
        }
    }
}

NK_KERNEL void nk_batch_matmul_dsp_row(const nk_batch_matmul_dsp *p, const int8_t *const *in,
                                       int8_t *out, void *scratch, int32_t row)
{
    nk_batch_matmul_dsp_any(p, in, out, scratch, row, 0);
}

NK_KERNEL void nk_batch_matmul_dsp_adj_row(const nk_batch_matmul_dsp *p, const int8_t *const *in,
                                           int8_t *out, void *scratch, int32_t row)
{
    nk_batch_matmul_dsp_any(p, in, out, scratch, row, 1);
}
