/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products for four channels along a row: the core of DEPTHWISE_CONV_2D on Armv7E-M.
 *
 * The input rows of a window are turned into columns in scratch, once for each group of four
 * channels: two rows make one pair for each channel (four words), a last odd row two words with
 * channels 0 2 and 1 3. A window is then kernel_w adjacent columns, and weights lie in the same
 * order in a table:
 *
 *     4 sums to start from | kernel_w columns of weights | 4 times shift, multiplier, addend
 *
 * or, for functions named _once, at last 4 multipliers and one addend.
 *
 * Flash holds weights as bytes, one word for two words of the table, and two words of scaling for
 * each channel as in netsuke/tile.h; `zero`, _signed and _once are explained there.
 */
#ifndef NETSUKE_COLUMNS_H
#define NETSUKE_COLUMNS_H

#include "netsuke/dsp.h"

/* A column has 2 * kernel_h words: 4 for two rows, 2 for a last one. */

/*
 * The outputs of four channels from out up to `end`, `stride` bytes apart. x is the first window's
 * first column, `skip` the bytes from a window's end to the next one's beginning.
 */
typedef void nk_columns(const uint32_t *x, const uint32_t *table, int8_t *out, int32_t stride,
                        const int8_t *end, int32_t skip, int32_t kernel_w);

/* The table of four channels from n words of weights and eight of scaling. */
typedef void nk_columns_tabulate(const uint32_t *weights, const int32_t *scaling, uint32_t *to,
                                 int32_t n, int32_t zero);

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/columns_armv7em.h"
#else
#include "netsuke/columns_c.h"
#endif

#endif
