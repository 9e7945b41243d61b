/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernels of two operands share: a row of outer * inner numbers, each made of one of a and one
 * of b.
 *
 * a, b           constant operands, then `row` starts at element row * a_row (b_row); NULL for an
 *                operand that is computed: its row is the next one of `in`
 * a_outer, ...   how many elements an operand moves in each step of the two loops, 0 where it is
 *                broadcast
 */
#ifndef NETSUKE_BROADCAST_H
#define NETSUKE_BROADCAST_H

#include "netsuke/kernel.h"

/*
 * The row at `out`, by `numbers(p, a, b)`. A macro, for parameters are of a type of each kernel and
 * a call by a pointer would leave the stack without a bound.
 */
#define NK_EACH_PAIR(p, in, out, row, numbers)                                                     \
    do {                                                                                           \
        const int8_t *const *next = (in);                                                          \
        const int8_t        *a = (p)->a != NULL ? (p)->a + (row) * (p)->a_row : *next++;           \
        const int8_t        *b = (p)->b != NULL ? (p)->b + (row) * (p)->b_row : *next;             \
        int8_t              *to = (out);                                                           \
                                                                                                   \
        for (int32_t i = 0; i < (p)->outer; i++) {                                                 \
            for (int32_t k = 0; k < (p)->inner; k++) {                                             \
                *to++ = numbers((p), a[k * (p)->a_inner], b[k * (p)->b_inner]);                    \
            }                                                                                      \
            a += (p)->a_outer;                                                                     \
            b += (p)->b_outer;                                                                     \
        }                                                                                          \
    } while (0)

#endif
