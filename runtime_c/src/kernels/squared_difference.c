/* SPDX-License-Identifier: Apache-2.0 */
/* Portable SQUARED_DIFFERENCE; the contract is in netsuke/squared_difference.h. */
#include "netsuke/squared_difference.h"

static inline int8_t nk_squared_difference_numbers(const nk_squared_difference *p, int32_t a,
                                                   int32_t b)
{
    const int32_t difference = nk_sums_a(p, a) - nk_sums_b(p, b);
    const int32_t scaled = nk_multiply(difference * difference, p->out_multiplier, p->out_shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, p->low, p->high);
}

NK_KERNEL void nk_squared_difference_row(const nk_squared_difference *p, const int8_t *const *in,
                                         int8_t *out, void *scratch, int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_squared_difference_numbers);
}
