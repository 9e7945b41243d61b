/* SPDX-License-Identifier: Apache-2.0 */
/* Portable REDUCE_MIN; the contract is in netsuke/reduce_min.h. */
#include "netsuke/reduce_min.h"

static inline int8_t nk_reduce_min_of(const nk_reduce_min *p, const int8_t *x)
{
    int8_t min = INT8_MAX;

    for (int32_t i = 0; i < p->reduced0; i++) {
        for (int32_t j = 0; j < p->reduced1; j++) {
            const int8_t *y = x + i * p->reduced0_stride + j * p->reduced1_stride;

            for (int32_t k = 0; k < p->reduced2; k++) {
                min = *y < min ? *y : min;
                y += p->reduced2_stride;
            }
        }
    }
    return min;
}

NK_KERNEL void nk_reduce_min_row(const nk_reduce_min *p, const int8_t *const *in, int8_t *out,
                                 void *scratch, int32_t row)
{
    const int8_t *x = in[0] + row * p->row_stride;

    (void)scratch;
    for (int32_t i = 0; i < p->kept0; i++) {
        for (int32_t k = 0; k < p->kept1; k++) {
            *out++ = nk_reduce_min_of(p, x + i * p->kept0_stride + k * p->kept1_stride);
        }
    }
}
