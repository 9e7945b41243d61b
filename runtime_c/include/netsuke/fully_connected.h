/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_FULLY_CONNECTED_H
#define NETSUKE_FULLY_CONNECTED_H

#include "netsuke/kernel.h"

typedef struct nk_fully_connected {
    const int8_t  *weights; /* [units][depth] */
    const int32_t *scaling; /* [units][2]: bias with the input's zero point, multiplier */
    const int8_t  *shift;   /* [units] */
    int32_t        vectors, depth, units, out_zero_point;
    int32_t        low, high; /* the range of the fused activation */
} nk_fully_connected;

/*
 * `vectors` outputs [units] from as many inputs [depth], one after the other in a row.
 *
 * out = clamp((bias + sum of weight * input) * multiplier * 2^(shift - 31) + out_zero_point),
 * rounded twice as TFLite does. out must not overlap in.
 */
NK_KERNEL void nk_fully_connected_row(const nk_fully_connected *p, const int8_t *const *in,
                                      int8_t *out, void *scratch);

/* The same for output row `row` of an input given whole, whose own rows are cut otherwise. */
NK_KERNEL void nk_fully_connected_whole_row(const nk_fully_connected *p, const int8_t *const *in,
                                            int8_t *out, void *scratch, int32_t row);

#endif
