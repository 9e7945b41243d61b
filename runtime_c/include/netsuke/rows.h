/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Row pointers for kernels. A tensor is `rows` rows of `row_bytes`, of which the last `ring` are
 * kept, row r at base + (r mod ring) * row_bytes. A whole tensor is the case ring == rows. All
 * arguments but `row` and `first` are literals in generated code, so the modulo folds away where
 * nothing wraps.
 */
#ifndef NETSUKE_ROWS_H
#define NETSUKE_ROWS_H

#include "netsuke/kernel.h"

static inline int8_t *nk_row(uint8_t *base, int32_t row_bytes, int32_t ring, int32_t rows,
                             int32_t row)
{
    int32_t slot = ring < rows ? row % ring : row;
    return (int8_t *)(base + slot * row_bytes);
}

/* in[i] = row first + i * step; none lies outside the tensor. */
static inline void nk_rows(const int8_t **in, int32_t count, int32_t step, uint8_t *base,
                           int32_t row_bytes, int32_t ring, int32_t rows, int32_t first)
{
    for (int32_t i = 0; i < count; i++) {
        in[i] = nk_row(base, row_bytes, ring, rows, first + i * step);
    }
}

/* The same; rows outside [0, rows) are `edge`. */
static inline void nk_rows_edged(const int8_t **in, int32_t count, int32_t step, uint8_t *base,
                                 int32_t row_bytes, int32_t ring, int32_t rows, int32_t first,
                                 const int8_t *edge)
{
    for (int32_t i = 0; i < count; i++) {
        int32_t row = first + i * step;
        in[i] = row < 0 || row >= rows ? edge : nk_row(base, row_bytes, ring, rows, row);
    }
}

/* Where a row that may lie before the tensor begins */
static inline int32_t nk_first_row(int32_t row)
{
    return row < 0 ? 0 : row;
}

/* TFLite's QUANTIZE: real / scale rounded half away from zero, plus the zero point, saturated. */
static inline void nk_quantize(int8_t *out, const float *real, int32_t count, float scale,
                               int32_t zero_point)
{
    for (int32_t i = 0; i < count; i++) {
        float   scaled = real[i] / scale;
        float   bounded = scaled < -512.0f ? -512.0f : scaled > 512.0f ? 512.0f : scaled;
        int32_t whole = (int32_t)bounded;
        float   rest = bounded - (float)whole;
        int32_t value = whole + (rest >= 0.5f) - (rest <= -0.5f) + zero_point;
        out[i] = (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
    }
}

/* TFLite's DEQUANTIZE: (value - zero point) * scale. */
static inline void nk_dequantize(float *real, const int8_t *in, int32_t count, float scale,
                                 int32_t zero_point)
{
    for (int32_t i = 0; i < count; i++) {
        real[i] = scale * (float)(in[i] - zero_point);
    }
}

#endif
