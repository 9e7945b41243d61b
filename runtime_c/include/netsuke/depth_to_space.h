/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_DEPTH_TO_SPACE_H
#define NETSUKE_DEPTH_TO_SPACE_H

#include "netsuke/kernel.h"

/*
 * DEPTH_TO_SPACE: output row `row` from input row row / block, of `width` pixels of `channels`
 * numbers. A pixel holds `block` rows of the pixels it becomes, one after the other.
 *
 * The output must not be the input. No scratch.
 */
typedef struct {
    int32_t width;
    int32_t channels;
    int32_t block;
} nk_depth_to_space;

NK_KERNEL void nk_depth_to_space_row(const nk_depth_to_space *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row);

#endif
