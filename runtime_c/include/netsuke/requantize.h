/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From sums of products to int8 outputs, as TensorFlow Lite rounds them.
 */
#ifndef NETSUKE_REQUANTIZE_H
#define NETSUKE_REQUANTIZE_H

#include "netsuke/fixed_point.h"
#include "netsuke/kernel.h"

/*
 * Output channel c of a layer. `scaling` holds bias and multiplier of each channel, alternating;
 * the input's zero point is part of the bias. `sum` wraps around as in two's complement.
 */
static inline int8_t nk_requantize(uint32_t sum, const int32_t *scaling, const int8_t *shift,
                                   int32_t c, int32_t out_zero_point, int32_t low, int32_t high)
{
    const int32_t biased = (int32_t)(sum + (uint32_t)scaling[2 * c]);
    const int32_t scaled = nk_multiply(biased, scaling[2 * c + 1], shift[c]);

    return (int8_t)nk_clamp(scaled + out_zero_point, low, high);
}

#endif
