/* SPDX-License-Identifier: Apache-2.0 */
/* Portable RESIZE_NEAREST_NEIGHBOR; the contract is in netsuke/resize_nearest_neighbor.h. */
#include "netsuke/resize_nearest_neighbor.h"

NK_KERNEL void nk_resize_nearest_neighbor_row(const nk_resize_nearest_neighbor *p,
                                              const int8_t *const *in, int8_t *out, void *scratch,
                                              int32_t row)
{
    const int32_t *column = p->columns + (p->by_pixel != 0 ? row : 0);
    const int32_t  y = p->by_pixel != 0 ? 0 : row;
    const int8_t  *x = in[0] + (p->rows != NULL ? p->rows[y] : 0);

    (void)scratch;
    for (int32_t i = 0; i < p->out_w; i++) {
        const int8_t *pixel = x + *column++;

        for (int32_t c = 0; c < p->channels; c++) {
            *out++ = pixel[c];
        }
    }
}
