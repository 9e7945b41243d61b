/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MINIMUM; the contract is in netsuke/minimum.h. */
#include "netsuke/minimum.h"

static inline int8_t nk_minimum_numbers(const nk_minimum *p, int8_t a, int8_t b)
{
    (void)p;
    return a < b ? a : b;
}

NK_KERNEL void nk_minimum_row(const nk_minimum *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row)
{
    (void)scratch;
    NK_EACH_PAIR(p, in, out, row, nk_minimum_numbers);
}
