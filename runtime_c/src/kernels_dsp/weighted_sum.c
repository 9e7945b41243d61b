/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB with multiplies of 32 by 32 bits; the contract is in netsuke/weighted_sum_dsp.h. */
#include "netsuke/weighted_sum_dsp.h"

#include "netsuke/dsp.h"

NK_ALWAYS_INLINE int8_t nk_weighted_sum_of(int32_t a, int32_t a_weight, int32_t b, int32_t b_weight,
                                           int64_t offset)
{
    const int64_t sum = nk_smlal(nk_smlal(offset, a, a_weight), b, b_weight);

    return nk_saturate((int32_t)(sum >> NK_WEIGHTED_SUM_BITS));
}

NK_KERNEL void nk_weighted_sum_dsp_row(const nk_weighted_sum_dsp *p, const int8_t *const *in,
                                       int8_t *out, void *scratch, int32_t row)
{
    const int32_t a_weight = p->a_weight, b_weight = p->b_weight;
    const int64_t offset = p->offset_high * (INT64_C(1) << 32) + (uint32_t)p->offset_low;
    const int8_t *a = p->a != NULL ? p->a + row * p->a_row : *in++;
    const int8_t *b = p->b != NULL ? p->b + row * p->b_row : *in;

    (void)scratch;
    for (int32_t i = 0; i < p->outer; i++, a += p->a_outer, b += p->b_outer) {
        const int8_t *x = a, *y = b;
        int32_t       k = p->inner;

        for (; k >= 4; k -= 4) {
            for (int32_t u = 0; u < 4; u++, x += p->a_inner, y += p->b_inner) {
                *out++ = nk_weighted_sum_of(*x, a_weight, *y, b_weight, offset);
            }
        }
        for (; k > 0; k--, x += p->a_inner, y += p->b_inner) {
            *out++ = nk_weighted_sum_of(*x, a_weight, *y, b_weight, offset);
        }
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out - p->outer * p->inner, p->outer * p->inner, p->low, p->high);
    }
}
