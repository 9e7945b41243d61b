/* SPDX-License-Identifier: Apache-2.0 */
/* Portable DIV; the contract is in netsuke/div.h. */
#include "netsuke/div.h"

#include "netsuke/fixed_point.h"

/* The left shift that brings a number of at most 9 bits, its sign among them, to 32. */
static inline int32_t nk_div_headroom(int32_t x)
{
    int32_t rest = x < 0 ? ~x : x;
    int32_t shift = 31;

    if (rest >= 16) {
        rest >>= 4;
        shift -= 4;
    }
    if (rest >= 4) {
        rest >>= 2;
        shift -= 2;
    }
    if (rest >= 2) {
        rest >>= 1;
        shift -= 1;
    }
    return shift - rest;
}

static inline int8_t nk_div_numbers(const nk_div *p, int32_t a, int32_t b)
{
    const int32_t divisor = b - p->b_zero_point;
    const int32_t size = divisor < 0 ? -divisor : divisor;
    const int32_t dividend = divisor < 0 ? p->a_zero_point - a : a - p->a_zero_point;
    const int32_t left = nk_div_headroom(dividend);
    const int32_t right = left + p->shifts[size];
    const int32_t quotient = nk_high_mul(nk_shift_left(dividend, left), p->reciprocals[size]);
    const int32_t scaled = nk_high_mul(quotient, p->multiplier);
    /* The reference rounds shifts of more than 31 bits like this. */
    const int32_t far = (scaled >> (right & 31)) + (scaled >= 0 ? 1 : 0);
    const int32_t result = right > 31 ? far : nk_round_shift(scaled, right & 31);

    return (int8_t)nk_clamp(result + p->out_zero_point, p->low, p->high);
}

NK_KERNEL void nk_div_row(const nk_div *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_div_numbers);
}
