/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_BATCH_MATMUL_H
#define NETSUKE_BATCH_MATMUL_H

#include "netsuke/kernel.h"

/*
 * BATCH_MATMUL of one output row, which is batch0 * batch1 matrices of rows x columns.
 *
 * x, y        constant operands; NULL for one that is computed: its pointer is the next one of `in`
 * x_row       the operand begins at element row * x_row (y_row) from there
 * *_batch*    how far an operand moves from one matrix to the next, 0 where it is broadcast
 * *_stride    how far operand x (y) moves from one output row (column) to the next
 *
 * out = sum((x - x_zero_point) * (y - y_zero_point)) * multiplier * 2^(shift - 31)
 * + out_zero_point, saturated, rounded as TensorFlow Lite's reference. The output must not be an
 * input. No scratch.
 */
typedef struct {
    const int8_t *x;
    int32_t       x_row;
    const int8_t *y;
    int32_t       y_row;
    int32_t       batch0;
    int32_t       x_batch0;
    int32_t       y_batch0;
    int32_t       batch1;
    int32_t       x_batch1;
    int32_t       y_batch1;
    int32_t       rows;
    int32_t       columns;
    int32_t       depth;
    int32_t       x_stride;
    int32_t       x_depth_stride;
    int32_t       y_stride;
    int32_t       y_depth_stride;
    int32_t       x_zero_point;
    int32_t       y_zero_point;
    int32_t       out_zero_point;
    int32_t       multiplier;
    int32_t       shift;
} nk_batch_matmul;

NK_KERNEL void nk_batch_matmul_row(const nk_batch_matmul *p, const int8_t *const *in, int8_t *out,
                                   void *scratch, int32_t row);

#endif
