/* SPDX-License-Identifier: Apache-2.0 */
/* MUL for Armv7E-M; the contract is in netsuke/mul_dsp.h. */
#include "netsuke/mul_dsp.h"

#include "netsuke/dsp.h"

/* Copies of fields, which could otherwise change with each output. */
typedef struct {
    int32_t  multiplier, addend;
    uint32_t shift;
} nk_mul_dsp_scaling;

NK_ALWAYS_INLINE int8_t nk_mul_dsp_number(nk_mul_dsp_scaling s, int32_t x, int32_t twice)
{
    return nk_scale_doubled(x * twice, s.shift, s.multiplier, s.addend, -1);
}

/* The inner loop where one operand is the same for all numbers: `twice` is double its value. */
NK_ALWAYS_INLINE int8_t *nk_mul_dsp_by_one(nk_mul_dsp_scaling s, const int8_t *x, int32_t step,
                                           int32_t zero_point, int32_t twice, int32_t n,
                                           int8_t *out)
{
    for (; n >= 4; n -= 4) {
        for (int32_t u = 0; u < 4; u++, x += step) {
            *out++ = nk_mul_dsp_number(s, *x - zero_point, twice);
        }
    }
    for (; n > 0; n--, x += step) {
        *out++ = nk_mul_dsp_number(s, *x - zero_point, twice);
    }
    return out;
}

/* The inner loop where both operands move. */
NK_ALWAYS_INLINE int8_t *nk_mul_dsp_each(nk_mul_dsp_scaling s, const nk_mul_dsp *p, const int8_t *a,
                                         const int8_t *b, int8_t *out)
{
    const int32_t a_zero_point = p->a_zero_point, b_zero_point = p->b_zero_point;
    const int32_t a_inner = p->a_inner, b_inner = p->b_inner;
    int32_t       n = p->inner;

    for (; n >= 4; n -= 4) {
        for (int32_t u = 0; u < 4; u++, a += a_inner, b += b_inner) {
            *out++ = nk_mul_dsp_number(s, *a - a_zero_point, 2 * (*b - b_zero_point));
        }
    }
    for (; n > 0; n--, a += a_inner, b += b_inner) {
        *out++ = nk_mul_dsp_number(s, *a - a_zero_point, 2 * (*b - b_zero_point));
    }
    return out;
}

NK_KERNEL void nk_mul_dsp_row(const nk_mul_dsp *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row)
{
    const nk_mul_dsp_scaling s = {p->multiplier, p->addend, (uint32_t)p->shift};
    const int32_t            inner = p->inner;
    const int8_t            *a = p->a != NULL ? p->a + row * p->a_row : *in++;
    const int8_t            *b = p->b != NULL ? p->b + row * p->b_row : *in;

    (void)scratch;
    for (int32_t i = 0; i < p->outer; i++, a += p->a_outer, b += p->b_outer) {
        if (p->b_inner == 0) {
            out = nk_mul_dsp_by_one(s, a, p->a_inner, p->a_zero_point, 2 * (*b - p->b_zero_point),
                                    inner, out);
        } else if (p->a_inner == 0) {
            out = nk_mul_dsp_by_one(s, b, p->b_inner, p->b_zero_point, 2 * (*a - p->a_zero_point),
                                    inner, out);
        } else {
            out = nk_mul_dsp_each(s, p, a, b, out);
        }
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out - p->outer * inner, p->outer * inner, p->low, p->high);
    }
}
