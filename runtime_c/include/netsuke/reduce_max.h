/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_REDUCE_MAX_H
#define NETSUKE_REDUCE_MAX_H

#include "netsuke/kernel.h"

/*
 * REDUCE_MAX. The output row has kept0 * kept1 numbers; each is the greatest of reduced0 *
 * reduced1 * reduced2 input elements. An axis `a` moves by a_stride elements. `row` begins at
 * element row * row_stride of the input. The output must not be the input. No scratch.
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
} nk_reduce_max;

NK_KERNEL void nk_reduce_max_row(const nk_reduce_max *p, const int8_t *const *in, int8_t *out,
                                 void *scratch, int32_t row);

#endif
