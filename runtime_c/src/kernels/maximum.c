/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MAXIMUM; the contract is in netsuke/maximum.h. */
#include "netsuke/maximum.h"

static inline int8_t nk_maximum_numbers(const nk_maximum *p, int8_t a, int8_t b)
{
    (void)p;
    return a > b ? a : b;
}

NK_KERNEL void nk_maximum_row(const nk_maximum *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_maximum_numbers);
}
