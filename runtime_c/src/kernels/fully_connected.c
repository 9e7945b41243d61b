/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/fully_connected.h"

#include "netsuke/requantize.h"

static inline void nk_fully_connected_vector(const nk_fully_connected *p, const int8_t *x,
                                             int8_t *out)
{
    const int8_t *w = p->weights;

    for (int32_t c = 0; c < p->units; c++) {
        uint32_t sum = 0;

        for (int32_t i = 0; i < p->depth; i++) {
            sum += (uint32_t)(x[i] * *w++);
        }
        out[c] = nk_requantize(sum, p->scaling, p->shift, c, p->out_zero_point, p->low, p->high);
    }
}

NK_KERNEL void nk_fully_connected_row(const nk_fully_connected *p, const int8_t *const *in,
                                      int8_t *out, void *scratch)
{
    (void)scratch;
    for (int32_t i = 0; i < p->vectors; i++) {
        nk_fully_connected_vector(p, in[0] + i * p->depth, out + i * p->units);
    }
}

NK_KERNEL void nk_fully_connected_whole_row(const nk_fully_connected *p, const int8_t *const *in,
                                            int8_t *out, void *scratch, int32_t row)
{
    const int8_t *vectors = in[0] + row * p->vectors * p->depth;

    nk_fully_connected_row(p, &vectors, out, scratch);
}
