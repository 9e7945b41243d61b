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
 * (to the right, less one: 0 to 22), and multiplier (2^30 to 2^31 - 1). `zero` is 2 * zero point +
 * 1, which, shifted to the left, is the zero point and half of 1 at twice the output's scale.
 *
 * Functions named _signed round ties of negative numbers away from zero as TFLite does; the plain
 * ones round them up, which is the same after an activation that clamps at the zero point or above.
 *
 * Where one rounding gives what two give (compiler/ops/once.py), functions named _once_n shift
 * results by n, whatever the channel: a channel's first word is what to add to 256 times its sum,
 * and `zero` is shifted to the left by n - 1.
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

/* The last n < 4 bytes of a run, `at` its end: lanes (-, 0), (0, 1) or (-, 1), (0, 2). */
static inline uint32_t *nk_expand_rest(int32_t pixels, const int8_t *at, int32_t step, int32_t n,
                                       uint32_t *to)
{
    for (int32_t i = 0; i < pixels && n == 3; i++) {
        *to++ = nk_pair(0, at[i * step - 2]);
    }
    for (int32_t i = 0; i < pixels && n > 0; i++) {
        const int8_t *last = at + i * step - 1;

        *to++ = nk_pair(n == 1 ? 0 : last[1 - n], last[0]);
    }
    return to;
}

/*
 * Input bytes of some pixels to pairs; returns their end. Of each of n rows: `run` bytes from
 * `offset` on, and those of the next pixels `step` bytes further each. Steps k come in the order
 * 0 2, 1 3, 4 6, 5 7 ..., so that bytes unpack without shuffling; unused lanes meet zero weights.
 */
NK_SMALL uint32_t *nk_expand_c(int32_t pixels, const int8_t *const *rows, int32_t n, int32_t offset,
                               int32_t step, int32_t run, uint32_t *to)
{
    for (int32_t row = 0; row < n; row++) {
        const int8_t *from = rows[row] + offset;

        for (int32_t k = run / 4; k > 0; k--, from += 4, to += 2 * pixels) {
            for (int32_t i = 0; i < pixels; i++) {
                const uint32_t word = nk_load4(from + i * step);

                to[i] = nk_sxtb16(word);
                to[pixels + i] = nk_sxtb16_ror8(word);
            }
        }
        to = nk_expand_rest(pixels, from + (run & 3), step, run & 3, to);
    }
    return to;
}

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/tile_armv7em.h"
#else
#include "netsuke/tile_c.h"
#endif

/* nk_expand_c, in assembly where that is worth while. */
NK_SHARED uint32_t *nk_expand(int32_t pixels, const int8_t *const *rows, int32_t n, int32_t offset,
                              int32_t step, int32_t run, uint32_t *to)
{
    if (pixels == 3 && run >= 4) {
        return nk_expand_3(rows, n, offset, step, run, to);
    }
    if (pixels == 2 && run >= 4) {
        return nk_expand_2(rows, n, offset, step, run, to);
    }
    return nk_expand_c(pixels, rows, n, offset, step, run, to);
}

#endif
