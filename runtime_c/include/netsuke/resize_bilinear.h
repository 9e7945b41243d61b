/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_RESIZE_BILINEAR_H
#define NETSUKE_RESIZE_BILINEAR_H

#include "netsuke/kernel.h"

/*
 * RESIZE_BILINEAR of one output row of out_w pixels.
 *
 * rows       three numbers for each output row: the input rows it lies between and how far it is
 *            from the first, in 1/1024. An input row is given as a place in `in`, or, where in[0]
 *            is the `whole` input, as where it begins there, in elements
 * columns    the same for each output column; where the pixels begin in a row, in elements
 * by_pixel   the output has one row of pixels and `row` is the index of the only pixel to compute
 *
 * Means are rounded half away from zero. The output must not be the input. No scratch.
 */
typedef struct {
    const int32_t *rows;
    const int32_t *columns;
    int32_t        whole;
    int32_t        channels;
    int32_t        out_w;
    int32_t        by_pixel;
} nk_resize_bilinear;

NK_KERNEL void nk_resize_bilinear_row(const nk_resize_bilinear *p, const int8_t *const *in,
                                      int8_t *out, void *scratch, int32_t row);

#endif
