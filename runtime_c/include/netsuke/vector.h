/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products of one vector with many channels: the core of FULLY_CONNECTED on Armv7E-M.
 *
 * As netsuke/tile.h, but inputs are read as bytes, four at a time, and eight channels at once.
 * Weights are [groups][depth / 4][2][channels / 2] words: for steps 0 2, then for steps 1 3 of
 * four.
 *
 * Where |B| may reach 2^23, weights are _wide: the four bytes of a word are a0 b0 a1 b1, all are
 * unpacked, and sums only have to stay below 2^30.
 */
#ifndef NETSUKE_VECTOR_H
#define NETSUKE_VECTOR_H

#include "netsuke/dsp.h"

/*
 * The outputs of the channels of `scaling` up to `scaling_end`, in groups of eight (nk_vector_8) or
 * two (nk_vector_2). depth is a multiple of four; returns the end of the weights that were read.
 */
typedef const uint32_t *nk_vector(const int8_t *x, const uint32_t *w, const int32_t *scaling,
                                  int8_t *out, const int32_t *scaling_end, int32_t zero,
                                  int32_t depth);

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/vector_armv7em.h"
#else
#include "netsuke/vector_c.h"
#endif

#endif
