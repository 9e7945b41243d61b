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

/* The sum of exponentials of `depth` numbers; near[127 + x] is that of x. */
static inline uint32_t nk_softmax_sum(const int32_t *near, const int8_t *in, int32_t depth)
{
    const uint32_t half = UINT32_C(1) << (NK_SOFTMAX_SUM_BITS - 1);
    uint32_t       sum = 0;

    for (int32_t i = 0; i < depth; i++) {
        sum += ((uint32_t)near[127 + in[i]] + half) >> NK_SOFTMAX_SUM_BITS;
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
    int32_t       x = 1515870810 + nk_high_mul(half, -1010580540);

    /* Newton and Raphson, from 48/17 - 32/17 * half; x has two integer bits. */
    for (int32_t i = 0; i < 3; i++) {
        x += nk_shift_left(nk_high_mul(x, (INT32_C(1) << 29) - nk_high_mul(half, x)), 2);
    }
    return x > INT32_MAX / 2 ? INT32_MAX : nk_shift_left(x, 1);
}

/* The outputs where 512 exponentials of 1 or more are summed: all are less than half of 1/256. */
static inline void nk_softmax_zeros(int8_t *out, int32_t depth)
{
    for (int32_t i = 0; i < depth; i++) {
        out[i] = -128;
    }
}

/*
 * exp * scale / 2^31, then / 2^shift, both rounded half up, are one shift of a sum. Of the sum,
 * only the upper word reaches the output: shift is 23 to 31.
 */
static inline void nk_softmax_outputs(const int32_t *near, const int8_t *in, int8_t *out,
                                      int32_t depth, int32_t scale, int32_t shift)
{
    const uint64_t rounding = (UINT64_C(1) << 30) + (UINT64_C(1) << (30 + shift));

    for (int32_t i = 0; i < depth; i++) {
        const uint64_t sum = (uint64_t)(uint32_t)near[127 + in[i]] * (uint32_t)scale + rounding;
        const int32_t  y = (int32_t)((uint32_t)(sum >> 32) >> (shift - 1));

        out[i] = (int8_t)((y > 255 ? 255 : y) - 128);
    }
}

NK_KERNEL void nk_softmax_row(const nk_softmax *p, const int8_t *const *in, int8_t *out,
                              void *scratch)
{
    const int32_t depth = p->depth;
    const int8_t *x = in[0];

    (void)scratch;
    for (int32_t v = 0; v < p->vectors; v++, x += depth, out += depth) {
        const int32_t *near = p->exp + 128 - nk_softmax_max(x, depth);
        const uint32_t sum = nk_softmax_sum(near, x, depth);
        const int32_t  headroom = nk_softmax_headroom(sum);
        const int32_t  shift = NK_SOFTMAX_SUM_BITS - headroom + 31 - 8;

        if (shift > 31) {
            nk_softmax_zeros(out, depth);
        } else {
            const int32_t scale = nk_softmax_reciprocal(sum << headroom);

            nk_softmax_outputs(near, x, out, depth, scale, shift);
        }
    }
}
