/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_PAD_H
#define NETSUKE_PAD_H

#include "netsuke/kernel.h"

/*
 * PAD and PADV2 of one row of `size` elements.
 *
 * runs    how many elements to fill and to copy in turn: `count` pairs, then a last fill
 * first   -1: in[0] is the input row, NULL for a row of border. Otherwise in[0] is the whole input
 *         and its `rows` rows, row_stride elements apart, are output rows from `first` on
 *
 * The output must not be the input. No scratch.
 */
typedef struct {
    const int32_t *runs;
    int32_t        count;
    int32_t        fill;
    int32_t        size;
    int32_t        first;
    int32_t        rows;
    int32_t        row_stride;
} nk_pad;

NK_KERNEL void nk_pad_row(const nk_pad *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row);

#endif
