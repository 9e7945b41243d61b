/* SPDX-License-Identifier: Apache-2.0 */
/* Portable copies from regular places; the contract is in netsuke/strided_copy.h. */
#include "netsuke/strided_copy.h"

/* n elements, `stride` apart; returns the end of what was written. */
static inline int8_t *nk_strided_copy_run(int8_t *out, const int8_t *x, int32_t n, int32_t stride)
{
    for (int32_t i = 0; i < n; i++) {
        *out++ = x[i * stride];
    }
    return out;
}

NK_KERNEL void nk_strided_copy_row(const nk_strided_copy *p, const int8_t *const *in, int8_t *out,
                                   void *scratch, int32_t row)
{
    const int8_t *x = in[0] + p->offset + row * p->row_stride;

    (void)scratch;
    for (int32_t i = 0; i < p->n0; i++) {
        for (int32_t j = 0; j < p->n1; j++) {
            for (int32_t k = 0; k < p->n2; k++) {
                const int32_t at = i * p->stride0 + j * p->stride1 + k * p->stride2;

                out = nk_strided_copy_run(out, x + at, p->n3, p->stride3);
            }
        }
    }
}
