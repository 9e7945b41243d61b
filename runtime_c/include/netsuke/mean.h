/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MEAN_H
#define NETSUKE_MEAN_H

#include "netsuke/kernel.h"

/*
 * MEAN or SUM. The output row has kept0 * kept1 numbers; each is made of reduced0 * reduced1 *
 * reduced2 input elements. An axis `a` moves by a_stride elements. `row` begins at element
 * row * row_stride of the input.
 *
 * out = (sum - offset) * multiplier * 2^(shift - 31) + out_zero_point, saturated; `offset` is the
 * number of elements times the input's zero point. Rounds as TensorFlow Lite's reference. The
 * output must not be the input. No scratch.
 */
typedef struct {
    int32_t row_stride;
    int32_t kept0;
    int32_t kept0_stride;
    int32_t kept1;
    int32_t kept1_stride;
    int32_t reduced0;
    int32_t reduced0_stride;
    int32_t reduced1;
    int32_t reduced1_stride;
    int32_t reduced2;
    int32_t reduced2_stride;
    int32_t offset;
    int32_t multiplier;
    int32_t shift;
    int32_t out_zero_point;
} nk_mean;

NK_KERNEL void nk_mean_row(const nk_mean *p, const int8_t *const *in, int8_t *out, void *scratch,
                           int32_t row);

/*
 * The same where axis reduced0 is the input's rows and the output is one row, given the input rows
 * one by one. acc has kept0 * kept1 numbers, zero at first.
 */
NK_KERNEL void nk_mean_accumulate(const nk_mean *p, const int8_t *row, int32_t *acc);
NK_KERNEL void nk_mean_finish(const nk_mean *p, const int32_t *acc, int8_t *out);

#endif
