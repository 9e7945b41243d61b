/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_STRIDED_COPY_H
#define NETSUKE_STRIDED_COPY_H

#include "netsuke/kernel.h"

/*
 * TRANSPOSE, SLICE and other copies from regular places. The output row has n0 * n1 * n2 * n3
 * elements; element (i, j, k, l) is input element
 *
 *     offset + row * row_stride + i * stride0 + j * stride1 + k * stride2 + l * stride3
 *
 * from the pointer given. Strides may be negative. The output must not be the input. No scratch.
 */
typedef struct {
    int32_t offset;
    int32_t row_stride;
    int32_t n0;
    int32_t stride0;
    int32_t n1;
    int32_t stride1;
    int32_t n2;
    int32_t stride2;
    int32_t n3;
    int32_t stride3;
} nk_strided_copy;

NK_KERNEL void nk_strided_copy_row(const nk_strided_copy *p, const int8_t *const *in, int8_t *out,
                                   void *scratch, int32_t row);

#endif
