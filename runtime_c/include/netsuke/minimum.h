/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_MINIMUM_H
#define NETSUKE_MINIMUM_H

#include "netsuke/maximum.h"

/* MINIMUM of a row: as MAXIMUM, but the lesser of two numbers. */
typedef nk_maximum nk_minimum;

NK_KERNEL void nk_minimum_row(const nk_minimum *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row);

#endif
