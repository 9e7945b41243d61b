/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_GATHER_H
#define NETSUKE_GATHER_H

#include "netsuke/kernel.h"

/*
 * GATHER of one output row: for each of `outer` groups of `extent` chunks of the input, the chunks
 * indices[0], ..., indices[count - 1], of `chunk` bytes each.
 *
 * in[0]        the input row, or all of the input
 * row_indices  the row begins at index `row` * row_indices: 1 where each row is one chunk
 *
 * The output may not be the input. No scratch.
 */
typedef struct {
    const int32_t *indices;
    int32_t        row_indices;
    int32_t        outer;
    int32_t        count;
    int32_t        chunk;
    int32_t        extent;
} nk_gather;

NK_KERNEL void nk_gather_row(const nk_gather *p, const int8_t *const *in, int8_t *out,
                             void *scratch, int32_t row);

#endif
