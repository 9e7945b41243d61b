/* SPDX-License-Identifier: Apache-2.0 */
/* Portable GATHER; the contract is in netsuke/gather.h. */
#include "netsuke/gather.h"

NK_KERNEL void nk_gather_row(const nk_gather *p, const int8_t *const *in, int8_t *out,
                             void *scratch, int32_t row)
{
    const int32_t *indices = p->indices + row * p->row_indices;
    const int8_t  *group = in[0];

    (void)scratch;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t k = 0; k < p->count; k++) {
            const int8_t *from = group + indices[k] * p->chunk;

            for (int32_t b = 0; b < p->chunk; b++) {
                *out++ = from[b];
            }
        }
        group += p->extent * p->chunk;
    }
}
