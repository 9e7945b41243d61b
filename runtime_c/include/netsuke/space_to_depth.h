/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_SPACE_TO_DEPTH_H
#define NETSUKE_SPACE_TO_DEPTH_H

#include "netsuke/kernel.h"

/*
 * SPACE_TO_DEPTH: one output row of `width` pixels from `block` input rows, whose pixels have
 * `channels` numbers. An output pixel holds `block` pixels of each of them, one after the other.
 *
 * by_pixel   the output has one row of pixels and `row` is the index of the only pixel to compute
 *
 * The output must not be the input. No scratch.
 */
typedef struct {
    int32_t width;
    int32_t channels;
    int32_t block;
    int32_t by_pixel;
} nk_space_to_depth;

NK_KERNEL void nk_space_to_depth_row(const nk_space_to_depth *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row);

#endif
