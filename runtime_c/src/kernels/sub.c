/* SPDX-License-Identifier: Apache-2.0 */
/* Portable SUB; the contract is in netsuke/sub.h. */
#include "netsuke/sub.h"

static inline int8_t nk_sub_numbers(const nk_sub *p, int32_t a, int32_t b)
{
    const int32_t difference = nk_sums_a(p, a) - nk_sums_b(p, b);
    const int32_t scaled = nk_round_shift(nk_high_mul(difference, p->out_multiplier), p->out_shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, p->low, p->high);
}

NK_KERNEL void nk_sub_row(const nk_sub *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_sub_numbers);
}
