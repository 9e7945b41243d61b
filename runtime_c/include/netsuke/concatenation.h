/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_CONCATENATION_H
#define NETSUKE_CONCATENATION_H

#include "netsuke/kernel.h"

/*
 * CONCATENATION of `count` inputs.
 *
 * row_size    0: an output row is, `outer` times, sizes[k] elements of each input k in turn, and
 *             in[] holds the input rows. Otherwise output rows of row_size elements come whole from
 *             the inputs, sizes[k] rows from input k, and in[] holds the whole inputs
 * begins      -1 for a computed input, whose pointer is the next one of in[]; otherwise where the
 *             input begins in `constants`, with all its rows
 *
 * The output must not be an input. No scratch.
 */
typedef struct {
    const int32_t *sizes;
    const int32_t *begins;
    const int8_t  *constants;
    int32_t        count;
    int32_t        outer;
    int32_t        row_size;
} nk_concatenation;

NK_KERNEL void nk_concatenation_row(const nk_concatenation *p, const int8_t *const *in, int8_t *out,
                                    void *scratch, int32_t row);

#endif
