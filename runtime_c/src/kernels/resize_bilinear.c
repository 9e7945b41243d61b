/* SPDX-License-Identifier: Apache-2.0 */
/* Portable RESIZE_BILINEAR; the contract is in netsuke/resize_bilinear.h. */
#include "netsuke/resize_bilinear.h"

/* positions and weights along one axis are multiples of 1 / NK_RESIZE_ONE */
#define NK_RESIZE_ONE 1024

/* sum / NK_RESIZE_ONE^2, half away from zero */
static inline int8_t nk_resize_bilinear_rounded(int32_t sum)
{
    const int32_t half = NK_RESIZE_ONE * NK_RESIZE_ONE / 2;

    return (int8_t)((sum > 0 ? sum + half : sum - half) / (NK_RESIZE_ONE * NK_RESIZE_ONE));
}

NK_KERNEL void nk_resize_bilinear_row(const nk_resize_bilinear *p, const int8_t *const *in,
                                      int8_t *out, void *scratch, int32_t row)
{
    const int32_t *column = p->columns + (p->by_pixel != 0 ? 3 * row : 0);
    const int32_t *between = p->rows + (p->by_pixel != 0 ? 0 : 3 * row);
    const int8_t  *above = p->whole != 0 ? in[0] + between[0] : in[between[0]];
    const int8_t  *below = p->whole != 0 ? in[0] + between[1] : in[between[1]];
    const int32_t  down = between[2];

    (void)scratch;
    for (int32_t i = 0; i < p->out_w; i++) {
        const int32_t left = column[0];
        const int32_t right = column[1];
        const int32_t across = column[2];

        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t before =
                above[left + c] * (NK_RESIZE_ONE - down) + below[left + c] * down;
            const int32_t after =
                above[right + c] * (NK_RESIZE_ONE - down) + below[right + c] * down;

            *out++ = nk_resize_bilinear_rounded(before * (NK_RESIZE_ONE - across) + after * across);
        }
        column += 3;
    }
}
