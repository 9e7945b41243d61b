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
    const int8_t *a = p->a != NULL ? p->a + row * p->a_row : *in++;
    const int8_t *b = p->b != NULL ? p->b + row * p->b_row : *in;

    (void)scratch;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t k = 0; k < p->inner; k++) {
            *out++ = nk_sub_numbers(p, a[k * p->a_inner], b[k * p->b_inner]);
        }
        a += p->a_outer;
        b += p->b_outer;
    }
}
