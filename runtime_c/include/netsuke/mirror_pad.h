/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MIRROR_PAD_H
#define NETSUKE_MIRROR_PAD_H

#include "netsuke/kernel.h"

/*
 * MIRROR_PAD of one output row of out_w pixels.
 *
 * rows       for each output row its input row: a place in `in`, or, where in[0] is the `whole`
 *            input, where the row begins in it, in elements
 * columns    where each output column's pixel begins in an input row, in elements
 *
 * The output must not be the input. No scratch.
 */
typedef struct {
    const int32_t *rows;
    const int32_t *columns;
    int32_t        whole;
    int32_t        channels;
    int32_t        out_w;
} nk_mirror_pad;

NK_KERNEL void nk_mirror_pad_row(const nk_mirror_pad *p, const int8_t *const *in, int8_t *out,
                                 void *scratch, int32_t row);

#endif
