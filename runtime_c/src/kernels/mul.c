/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MUL; the contract is in netsuke/mul.h. */
#include "netsuke/mul.h"

#include "netsuke/fixed_point.h"

static inline int8_t nk_mul_numbers(const nk_mul *p, int32_t a, int32_t b)
{
    const int32_t product = (a - p->a_zero_point) * (b - p->b_zero_point);
    const int32_t scaled = nk_multiply(product, p->multiplier, p->shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, p->low, p->high);
}

NK_KERNEL void nk_mul_row(const nk_mul *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_mul_numbers);
}
