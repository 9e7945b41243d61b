/* SPDX-License-Identifier: Apache-2.0 */
/* Portable DEPTH_TO_SPACE; the contract is in netsuke/depth_to_space.h. */
#include "netsuke/depth_to_space.h"

NK_KERNEL void nk_depth_to_space_row(const nk_depth_to_space *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row)
{
    const int32_t n = p->channels / p->block;
    const int8_t *x = in[0] + row % p->block * n;

    (void)scratch;
    for (int32_t i = 0; i < p->width; i++) {
        for (int32_t k = 0; k < n; k++) {
            *out++ = x[k];
        }
        x += p->channels;
    }
}
