/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products for a few pixels at a time: the core of CONV_2D and FULLY_CONNECTED on
 * Armv7E-M.
 *
 * Inputs are expanded once to int16 pairs in scratch, [k / 2][pixels], and read by all output
 * channels. Weights stay bytes. Channels go in twos, a and b; a 32-bit word of weights holds two
 * steps k of both: lanes 256 * b + a. So with S += word * x and A += a * x,
 *
 *     S = 256 * B + A,   B = (S - A) / 256, exact while |B| < 2^23 (the compiler checks),
 *
 * and only the a need unpacking. `scaling` holds two words for each channel: bias * 256 + shift
 * (to the right, 1 to 23), and multiplier (2^30 to 2^31 - 1). `zero` is 2 * zero point + 1.
 *
 * Functions named _signed round ties of negative numbers away from zero as TFLite does; the plain
 * ones round them up, which is the same after an activation that clamps at the zero point or above.
 */
#ifndef NETSUKE_TILE_H
#define NETSUKE_TILE_H

#include "netsuke/dsp.h"

/*
 * All outputs of some pixels: out[pixel * stride + channel] for the channels of `scaling` up to
 * `scaling_end`. x is [pairs][pixels]; w is [channels / 2][pairs].
 */
typedef void nk_tile(const uint32_t *x, const uint32_t *w, const int32_t *scaling, int8_t *out,
                     int32_t stride, const int32_t *scaling_end, int32_t zero, int32_t pairs);

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/tile_armv7em.h"
#else
#include "netsuke/tile_c.h"
#endif

/* The last n - k < 4 bytes of a run, completed with zeros. */
static inline uint32_t *nk_expand_rest(const int8_t *const *from, int32_t pixels, int32_t k,
                                       int32_t n, uint32_t *to)
{
    const int32_t rest = n - k;

    for (int32_t i = 0; i < pixels && rest > 0; i++) {
        const int8_t *bytes = from[i] + k;

        to[i] = nk_pair(bytes[0], rest == 1 ? 0 : bytes[rest - 1]);
        if (rest == 3) {
            to[pixels + i] = nk_pair(bytes[1], 0);
        }
    }
    return to + pixels * (rest == 3 ? 2 : rest > 0 ? 1 : 0);
}

/*
 * One run of n input bytes of each of `pixels` pixels to pairs; returns their end. The order of
 * steps is 0 2, 1 3, 4 6, 5 7 ..., so that bytes unpack without shuffling.
 */
static inline uint32_t *nk_expand(const int8_t *const *from, int32_t pixels, int32_t n,
                                  uint32_t *to)
{
    const int32_t whole = n & ~3;

    if (pixels == 4 && whole > 0) {
        nk_expand_4(from[0], from[1], from[2], from[3], to, whole / 4);
        to += 2 * whole;
    } else {
        for (int32_t k = 0; k < whole; k += 4, to += 2 * pixels) {
            for (int32_t i = 0; i < pixels; i++) {
                const uint32_t word = nk_load4(from[i] + k);

                to[i] = nk_sxtb16(word);
                to[pixels + i] = nk_sxtb16_ror8(word);
            }
        }
    }
    return nk_expand_rest(from, pixels, whole, n, to);
}

#endif
