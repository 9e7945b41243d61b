/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_SOFTMAX_H
#define NETSUKE_SOFTMAX_H

#include "netsuke/kernel.h"

/*
 * SOFTMAX of each of `vectors` vectors of `depth` numbers that make up the row.
 *
 * exp[255 - d] is exp(-d * beta * input_scale) in Q0.31, d = 0 to 255 being how far an element lies
 * below the largest one of its vector; 0 where it does not count. depth is less than 4096. Output
 * scale 1/256, zero point -128. Rounds as TensorFlow Lite's reference. The output may be the input.
 * No scratch.
 */
typedef struct {
    const int32_t *exp;
    int32_t        vectors;
    int32_t        depth;
} nk_softmax;

NK_KERNEL void nk_softmax_row(const nk_softmax *p, const int8_t *const *in, int8_t *out,
                              void *scratch);

#endif
