/* SPDX-License-Identifier: Apache-2.0 */
/* Portable ADD; the contract is in netsuke/add.h. */
#include "netsuke/add.h"

static inline int8_t nk_add_numbers(const nk_add *p, int32_t a, int32_t b)
{
    const int32_t sum = nk_sums_a(p, a) + nk_sums_b(p, b);
    const int32_t scaled = nk_round_shift(nk_high_mul(sum, p->out_multiplier), p->out_shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, p->low, p->high);
}

NK_KERNEL void nk_add_row(const nk_add *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_add_numbers);
}
