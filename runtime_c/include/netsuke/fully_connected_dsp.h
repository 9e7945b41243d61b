/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_FULLY_CONNECTED_DSP_H
#define NETSUKE_FULLY_CONNECTED_DSP_H

#include "netsuke/kernel.h"

typedef struct nk_fully_connected_dsp {
    const uint32_t *weights; /* groups of eight units, then groups of two, see netsuke/vector.h */
    const int32_t  *scaling; /* [units][2], units rounded up to even */
    int32_t         depth, units, out_zero_point;
    int32_t         low, high; /* the range of the fused activation */
} nk_fully_connected_dsp;

/*
 * One output [units] from one input [depth], as nk_fully_connected_row computes it. scratch: depth
 * rounded up to a multiple of four, if it is none. The names are explained in netsuke/vector.h.
 */
NK_KERNEL void nk_fully_connected_dsp_row(const nk_fully_connected_dsp *p, const int8_t *const *in,
                                          int8_t *out, void *scratch);
NK_KERNEL void nk_fully_connected_dsp_signed_row(const nk_fully_connected_dsp *p,
                                                 const int8_t *const *in, int8_t *out,
                                                 void *scratch);
NK_KERNEL void nk_fully_connected_dsp_wide_row(const nk_fully_connected_dsp *p,
                                               const int8_t *const *in, int8_t *out, void *scratch);
NK_KERNEL void nk_fully_connected_dsp_wide_signed_row(const nk_fully_connected_dsp *p,
                                                      const int8_t *const *in, int8_t *out,
                                                      void *scratch);

#endif
