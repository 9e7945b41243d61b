/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products of 3 x 3 windows along a row, channel by channel: DEPTHWISE_CONV_2D on Armv7E-M.
 *
 * The three input rows are turned into columns of eight words in scratch, four channels at a time,
 * two words for each: the pair of rows 0 and 1 here, and that of row 2 one column earlier and here.
 * So a window is five words of three columns, and nine products take five instructions.
 *
 * Weights w[row][column] are two words for each of the four channels, bytes w00 w01 w10 w11 and
 * w02 w20 w12 w21, then one word that holds w22 of all four. Scaling, `zero`, _signed and _once
 * are those of netsuke/tile.h.
 */
#ifndef NETSUKE_WINDOW_H
#define NETSUKE_WINDOW_H

#include "netsuke/dsp.h"

#define NK_WINDOW_WORDS        8 /* of a column */
#define NK_WINDOW_WEIGHT_WORDS 9 /* of four channels */

/*
 * n > 0 outputs of each of four channels, `stride` bytes from pixel to pixel. _s1 and _s2 are the
 * columns from a window to the next one.
 */
typedef void nk_window(const uint32_t *x, const uint32_t *weights, const int32_t *scaling,
                       int8_t *out, int32_t stride, int32_t n, int32_t zero);

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/window_armv7em.h"
#else
#include "netsuke/window_c.h"
#endif

#endif
