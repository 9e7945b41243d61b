/* SPDX-License-Identifier: Apache-2.0 */
/* Portable SPACE_TO_DEPTH; the contract is in netsuke/space_to_depth.h. */
#include "netsuke/space_to_depth.h"

NK_KERNEL void nk_space_to_depth_row(const nk_space_to_depth *p, const int8_t *const *in,
                                     int8_t *out, void *scratch, int32_t row)
{
    const int32_t n = p->channels * p->block;
    const int32_t first = p->by_pixel != 0 ? row : 0;

    (void)scratch;
    for (int32_t i = 0; i < p->width; i++) {
        for (int32_t y = 0; y < p->block; y++) {
            const int8_t *x = in[y] + (first + i) * n;

            for (int32_t k = 0; k < n; k++) {
                *out++ = x[k];
            }
        }
    }
}
