/* SPDX-License-Identifier: Apache-2.0 */
/* Portable BATCH_MATMUL; the contract is in netsuke/batch_matmul.h. */
#include "netsuke/batch_matmul.h"

#include "netsuke/fixed_point.h"

static inline int8_t nk_batch_matmul_dot(const nk_batch_matmul *p, const int8_t *x, const int8_t *y)
{
    int32_t sum = 0;

    for (int32_t k = 0; k < p->depth; k++) {
        sum += (*x - p->x_zero_point) * (*y - p->y_zero_point);
        x += p->x_depth_stride;
        y += p->y_depth_stride;
    }
    sum = nk_multiply(sum, p->multiplier, p->shift) + p->out_zero_point;
    return (int8_t)nk_clamp(sum, -128, 127);
}

/* One matrix; returns the end of what was written. */
static inline int8_t *nk_batch_matmul_matrix(const nk_batch_matmul *p, const int8_t *x,
                                             const int8_t *y, int8_t *out)
{
    for (int32_t i = 0; i < p->rows; i++) {
        for (int32_t j = 0; j < p->columns; j++) {
            *out++ = nk_batch_matmul_dot(p, x + i * p->x_stride, y + j * p->y_stride);
        }
    }
    return out;
}

NK_KERNEL void nk_batch_matmul_row(const nk_batch_matmul *p, const int8_t *const *in, int8_t *out,
                                   void *scratch, int32_t row)
{
    const int8_t *x = (p->x != NULL ? p->x : *in++) + row * p->x_row;
    const int8_t *y = (p->y != NULL ? p->y : *in) + row * p->y_row;

    (void)scratch;
    for (int32_t a = 0; a < p->batch0; a++) {
        for (int32_t b = 0; b < p->batch1; b++) {
            out = nk_batch_matmul_matrix(p, x + a * p->x_batch0 + b * p->x_batch1,
                                         y + a * p->y_batch0 + b * p->y_batch1, out);
        }
    }
}
