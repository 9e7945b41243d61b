/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_ADD_H
#define NETSUKE_ADD_H

#include "netsuke/sums.h"

/*
 * ADD of a row of outer * inner numbers: out = a + b in real numbers, clamped to [low, high].
 *
 * Fields as in netsuke/sums.h.
 * The sum of the operands in their common scale is multiplied by out_multiplier / 2^31 and
 * shifted right by out_shift.
 *
 * Rounds as TensorFlow Lite's reference. The output may be an operand of its size. No scratch.
 */
typedef nk_sums nk_add;

NK_KERNEL void nk_add_row(const nk_add *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row);

#endif
