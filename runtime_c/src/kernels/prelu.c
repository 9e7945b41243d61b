/* SPDX-License-Identifier: Apache-2.0 */
/* Portable PRELU; the contract is in netsuke/prelu.h. */
#include "netsuke/prelu.h"

#include "netsuke/fixed_point.h"

static inline int8_t nk_prelu_number(const nk_prelu *p, int32_t a, int32_t b)
{
    const int32_t x = a - p->a_zero_point;
    const int32_t scaled =
        x >= 0 ? nk_multiply(x, p->multiplier, p->shift)
               : nk_multiply(x * (b - p->b_zero_point), p->sloped_multiplier, p->sloped_shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, INT8_MIN, INT8_MAX);
}

NK_KERNEL void nk_prelu_row(const nk_prelu *p, const int8_t *const *in, int8_t *out, void *scratch,
                            int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_prelu_number);
}
