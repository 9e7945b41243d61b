/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MAXIMUM_H
#define NETSUKE_MAXIMUM_H

#include "netsuke/broadcast.h"

/*
 * MAXIMUM of a row of outer * inner numbers of one quantization.
 *
 * a to b_inner   as in netsuke/broadcast.h
 *
 * The output may be an operand of its size. No scratch.
 */
typedef struct {
    const int8_t *a;
    const int8_t *b;
    int32_t       a_row;
    int32_t       b_row;
    int32_t       outer;
    int32_t       inner;
    int32_t       a_outer;
    int32_t       a_inner;
    int32_t       b_outer;
    int32_t       b_inner;
} nk_maximum;

NK_KERNEL void nk_maximum_row(const nk_maximum *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row);

#endif
