/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_RESIZE_NEAREST_NEIGHBOR_H
#define NETSUKE_RESIZE_NEAREST_NEIGHBOR_H

#include "netsuke/kernel.h"

/*
 * RESIZE_NEAREST_NEIGHBOR of one output row of out_w pixels.
 *
 * columns    where each output column's pixel begins in an input row, in elements
 * rows       NULL: in[0] is the input row; otherwise in[0] is the whole input and rows[row] where
 *            the row begins in it, in elements
 * by_pixel   the output has one row of pixels and `row` is the index of the only pixel to compute
 *
 * The output must not be the input. No scratch.
 */
typedef struct {
    const int32_t *columns;
    const int32_t *rows;
    int32_t        channels;
    int32_t        out_w;
    int32_t        by_pixel;
} nk_resize_nearest_neighbor;

NK_KERNEL void nk_resize_nearest_neighbor_row(const nk_resize_nearest_neighbor *p,
                                              const int8_t *const *in, int8_t *out, void *scratch,
                                              int32_t row);

#endif
