/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products of four rows of x with rows or columns of y: the core of BATCH_MATMUL on
 * Armv7E-M.
 *
 * Rows of x are expanded once to int16 pairs, [k / 2][4 rows], with their zero point subtracted,
 * and read by all columns. y stays bytes, unpacked for four rows at a time. Its zero point is left
 * to the caller: sum(x * (y - z)) = sum(x * y) - z * sum(x).
 */
#ifndef NETSUKE_MATRIX_H
#define NETSUKE_MATRIX_H

#include "netsuke/dsp.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include "netsuke/matrix_armv7em.h"
#else
#include "netsuke/matrix_c.h"
#endif

#endif
