/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MAX_POOL_2D; the contract is in netsuke/max_pool_2d.h. */
#include "netsuke/max_pool_2d.h"

#include "netsuke/fixed_point.h"

/* The greatest of `columns` elements, `channels` apart, of each of the rows that exist. */
static inline int32_t nk_max_pool_2d_max(const nk_max_pool_2d *p, const int8_t *const *in,
                                         int32_t start, int32_t columns)
{
    int32_t max = INT8_MIN;

    for (int32_t y = 0; y < p->kernel_h; y++) {
        if (in[y] != NULL) {
            const int8_t *x = in[y] + start;

            for (int32_t i = 0; i < columns; i++) {
                max = *x > max ? *x : max;
                x += p->channels;
            }
        }
    }
    return max;
}

NK_KERNEL void nk_max_pool_2d_row(const nk_max_pool_2d *p, const int8_t *const *in, int8_t *out,
                                  void *scratch, int32_t row)
{
    (void)scratch;
    for (int32_t x = 0; x < p->out_w; x++) {
        const int32_t left = (p->by_pixel != 0 ? row : x) * p->stride_w - p->pad_left;
        const int32_t right = left + p->kernel_w;
        const int32_t first = left < 0 ? 0 : left;
        const int32_t end = right > p->in_w ? p->in_w : right;

        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t max = nk_max_pool_2d_max(p, in, first * p->channels + c, end - first);

            *out++ = (int8_t)nk_clamp(max, p->low, p->high);
        }
    }
}
