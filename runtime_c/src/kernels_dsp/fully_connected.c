/* SPDX-License-Identifier: Apache-2.0 */
#include "netsuke/fully_connected_dsp.h"

#include "netsuke/vector.h"

/* Units in eights, then in twos, and the last one alone if their number is odd. */
NK_ALWAYS_INLINE void nk_fully_connected_dsp_any(const nk_fully_connected_dsp *p,
                                                 const int8_t *const *in, int8_t *out,
                                                 void *scratch, nk_vector *eight, nk_vector *two)
{
    const int32_t   depth = (p->depth + 3) & ~3, zero = 2 * p->out_zero_point + 1;
    const int32_t   eights = p->units & ~7, twos = p->units & ~1;
    const int8_t   *x = in[0];
    const uint32_t *w = (const uint32_t *)p->weights;

    if (depth != p->depth) {
        int8_t *copy = (int8_t *)scratch;

        nk_fill_bytes(nk_copy_bytes(copy, x, p->depth), 0, depth - p->depth);
        x = copy;
    }
    if (eights > 0) {
        w = eight(x, w, p->scaling, out, p->scaling + 2 * eights, zero, depth);
    }
    if (eights < twos) {
        w = two(x, w, p->scaling + 2 * eights, out + eights, p->scaling + 2 * twos, zero, depth);
    }
    if (twos < p->units) {
        int8_t last[2] = {0, 0}; /* for the eye of analyzers */

        two(x, w, p->scaling + 2 * twos, last, p->scaling + 2 * twos + 4, zero, depth);
        out[twos] = last[0];
    }
    if (p->low > -128 || p->high < 127) {
        nk_clamp_outputs(out, p->units, p->low, p->high);
    }
}

#define NK_FULLY_CONNECTED_DSP(suffix)                                                             \
    NK_KERNEL void nk_fully_connected_dsp##suffix##_row(                                           \
        const nk_fully_connected_dsp *p, const int8_t *const *in, int8_t *out, void *scratch)      \
    {                                                                                              \
        nk_fully_connected_dsp_any(p, in, out, scratch, nk_vector_8##suffix, nk_vector_2##suffix); \
    }

NK_FULLY_CONNECTED_DSP()
NK_FULLY_CONNECTED_DSP(_signed)
NK_FULLY_CONNECTED_DSP(_wide)
NK_FULLY_CONNECTED_DSP(_wide_signed)
