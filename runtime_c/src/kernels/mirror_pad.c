/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MIRROR_PAD; the contract is in netsuke/mirror_pad.h. */
#include "netsuke/mirror_pad.h"

NK_KERNEL void nk_mirror_pad_row(const nk_mirror_pad *p, const int8_t *const *in, int8_t *out,
                                 void *scratch, int32_t row)
{
    const int8_t *x = p->whole != 0 ? in[0] + p->rows[row] : in[p->rows[row]];

    (void)scratch;
    for (int32_t i = 0; i < p->out_w; i++) {
        const int8_t *pixel = x + p->columns[i];

        for (int32_t c = 0; c < p->channels; c++) {
            *out++ = pixel[c];
        }
    }
}
