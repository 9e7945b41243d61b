/* SPDX-License-Identifier: Apache-2.0 */
/* Portable CONCATENATION; the contract is in netsuke/concatenation.h. */
#include "netsuke/concatenation.h"

static inline int8_t *nk_concatenation_copy(int8_t *out, const int8_t *x, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        *out++ = x[i];
    }
    return out;
}

/* Output row `row` is a row of one of the inputs. */
static inline void nk_concatenation_take(const nk_concatenation *p, const int8_t *const *in,
                                         int8_t *out, int32_t row)
{
    for (int32_t k = 0; k < p->count; k++) {
        const int32_t begin = p->begins[k];
        const int8_t *x = begin >= 0 ? p->constants + begin : *in++;

        if (row < p->sizes[k]) {
            nk_concatenation_copy(out, x + row * p->row_size, p->row_size);
            return;
        }
        row -= p->sizes[k];
    }
}

NK_KERNEL void nk_concatenation_row(const nk_concatenation *p, const int8_t *const *in, int8_t *out,
                                    void *scratch, int32_t row)
{
    (void)scratch;
    if (p->row_size != 0) {
        nk_concatenation_take(p, in, out, row);
        return;
    }
    for (int32_t i = 0; i < p->outer; i++) {
        const int8_t *const *next = in;

        for (int32_t k = 0; k < p->count; k++) {
            const int32_t size = p->sizes[k];
            const int32_t begin = p->begins[k];
            const int32_t at = (row * p->outer + i) * size;
            const int8_t *x = begin >= 0 ? p->constants + begin + at : *next++ + i * size;

            out = nk_concatenation_copy(out, x, size);
        }
    }
}
