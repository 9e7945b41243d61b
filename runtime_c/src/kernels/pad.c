/* SPDX-License-Identifier: Apache-2.0 */
/* Portable PAD; the contract is in netsuke/pad.h. */
#include "netsuke/pad.h"

static inline int8_t *nk_pad_fill(int8_t *out, int8_t value, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        *out++ = value;
    }
    return out;
}

/* The input row that becomes output row `row`, NULL for a row of border. */
static inline const int8_t *nk_pad_source(const nk_pad *p, const int8_t *in, int32_t row)
{
    if (p->first < 0) {
        return in;
    }
    if (row < p->first || row >= p->first + p->rows) {
        return NULL;
    }
    return in + (row - p->first) * p->row_stride;
}

NK_KERNEL void nk_pad_row(const nk_pad *p, const int8_t *const *in, int8_t *out, void *scratch,
                          int32_t row)
{
    const int8_t  *x = nk_pad_source(p, in[0], row);
    const int32_t *run = p->runs;

    (void)scratch;
    if (x == NULL) {
        nk_pad_fill(out, (int8_t)p->fill, p->size);
        return;
    }
    for (int32_t i = 0; i < p->count; i++) {
        out = nk_pad_fill(out, (int8_t)p->fill, *run++);
        for (int32_t k = *run++; k > 0; k--) {
            *out++ = *x++;
        }
    }
    nk_pad_fill(out, (int8_t)p->fill, *run);
}
