/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_SQUARED_DIFFERENCE_H
#define NETSUKE_SQUARED_DIFFERENCE_H

#include "netsuke/sums.h"

/*
 * SQUARED_DIFFERENCE of a row of outer * inner numbers: out = (a - b)^2 in real numbers, clamped to
 * [low, high].
 *
 * Fields as in netsuke/sums.h.
 * The square of their difference in their common scale is multiplied by
 * out_multiplier * 2^(out_shift - 31).
 *
 * Rounds as TensorFlow Lite's reference. The output may be an operand of its size. No scratch.
 */
typedef nk_sums nk_squared_difference;

NK_KERNEL void nk_squared_difference_row(const nk_squared_difference *p, const int8_t *const *in,
                                         int8_t *out, void *scratch, int32_t row);

#endif
