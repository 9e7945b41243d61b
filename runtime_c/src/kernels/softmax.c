/* SPDX-License-Identifier: Apache-2.0 */
/* Portable SOFTMAX; the contract is in netsuke/softmax.h. */
#include "netsuke/softmax.h"

#include "netsuke/fixed_point.h"

/* The sum of exponentials has 12 integer bits. */
#define NK_SOFTMAX_SUM_BITS 12

static inline int32_t nk_softmax_max(const int8_t *in, int32_t depth)
{
    int32_t max = in[0];

    for (int32_t i = 1; i < depth; i++) {
        max = in[i] > max ? in[i] : max;
    }
    return max;
}

static inline int32_t nk_softmax_sum(const nk_softmax *p, const int8_t *in, int32_t max)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t distance = max - in[i];

        if (distance < p->entries) {
            sum += nk_round_shift(p->exp[distance], NK_SOFTMAX_SUM_BITS);
        }
    }
    return sum;
}

/* Leading zero bits of x > 0. */
static inline int32_t nk_softmax_headroom(uint32_t x)
{
    int32_t zeros = 0;

    while ((x & UINT32_C(0x80000000)) == 0u) {
        x <<= 1;
        zeros++;
    }
    return zeros;
}

/* 1 / normalized, which lies in [1, 2) as Q1.31, in Q0.31. */
static inline int32_t nk_softmax_reciprocal(uint32_t normalized)
{
    const int32_t fraction = (int32_t)(normalized - UINT32_C(0x80000000));
    const int32_t half = (int32_t)(((int64_t)fraction + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + nk_high_mul(half, -1010580540);

    /* Newton and Raphson, from 48/17 - 32/17 * half; x has two integer bits. */
    for (int32_t i = 0; i < 3; i++) {
        x += nk_shift_left(nk_high_mul(x, (INT32_C(1) << 29) - nk_high_mul(half, x)), 2);
    }
    return x > INT32_MAX / 2 ? INT32_MAX : nk_shift_left(x, 1);
}

NK_KERNEL void nk_softmax_row(const nk_softmax *p, const int8_t *const *in, int8_t *out,
                              void *scratch)
{
    const int8_t *x = in[0];

    (void)scratch;
    for (int32_t v = 0; v < p->vectors; v++) {
        const int32_t max = nk_softmax_max(x, p->depth);
        const uint32_t sum = (uint32_t)nk_softmax_sum(p, x, max);
        const int32_t headroom = nk_softmax_headroom(sum);
        const int32_t scale = nk_softmax_reciprocal(sum << headroom);
        const int32_t shift = NK_SOFTMAX_SUM_BITS - headroom + 31 - 8;

        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t distance = max - x[i];
            int32_t y = 0;

            if (distance < p->entries) {
                y = nk_round_shift(nk_high_mul(scale, p->exp[distance]), shift);
            }
            out[i] = (int8_t)nk_clamp(y - 128, -128, 127);
        }
        x += p->depth;
        out += p->depth;
    }
}
