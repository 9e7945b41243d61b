/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MAXIMUM; the contract is in netsuke/maximum.h. */
#include "netsuke/maximum.h"

NK_KERNEL void nk_maximum_row(const nk_maximum *p, const int8_t *const *in, int8_t *out,
                              void *scratch, int32_t row)
{
    const int8_t *x = p->a != NULL ? p->a + row * p->a_row : *in++;
    const int8_t *y = p->b != NULL ? p->b + row * p->b_row : *in;

    (void)scratch;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t k = 0; k < p->inner; k++) {
            const int8_t a = x[k * p->a_inner];
            const int8_t b = y[k * p->b_inner];

            *out++ = a > b ? a : b;
        }
        x += p->a_outer;
        y += p->b_outer;
    }
}
