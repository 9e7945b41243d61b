/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_REDUCE_MIN_H
#define NETSUKE_REDUCE_MIN_H

#include "netsuke/reduce_max.h"

/* REDUCE_MIN: as REDUCE_MAX, but each number is the least of its input elements. */
typedef nk_reduce_max nk_reduce_min;

NK_KERNEL void nk_reduce_min_row(const nk_reduce_min *p, const int8_t *const *in, int8_t *out,
                                 void *scratch, int32_t row);

#endif
