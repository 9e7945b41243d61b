/* SPDX-License-Identifier: Apache-2.0 */
/* matrix.h for Armv7E-M, in assembly: a compiler spills the accumulators. */
#ifndef NETSUKE_MATRIX_ARMV7EM_H
#define NETSUKE_MATRIX_ARMV7EM_H

/* One pair of steps of four rows: pairs of y in r12, sums in r4-r7. */
#define NK_MATRIX_ROWS                                                                             \
    "ldmia.w  r0!, {r8-r11}         \n"                                                            \
    "smlad    r4, r12, r8, r4       \n"                                                            \
    "smlad    r5, r12, r9, r5       \n"                                                            \
    "smlad    r6, r12, r10, r6      \n"                                                            \
    "smlad    r7, r12, r11, r7      \n"

#define NK_MATRIX_QUAD                                                                             \
    "ldr.w    r3, [r1], #4          \n"                                                            \
    "sxtb16   r12, r3               \n" NK_MATRIX_ROWS                                             \
    "sxtb16   r12, r3, ror #8       \n" NK_MATRIX_ROWS

/*
 * sums[row] = start[row] + x * one row of y. Steps k of four come in the order 0 2, 1 3.
 * r0 x, r1 y, r2 end of y, r3 four bytes of y; stack: r4-r11, return, sums. Two quads are one turn
 * of the loop, which is entered in its middle if their number is odd.
 */
NK_NAKED void nk_matrix_row(const uint32_t *x NK_UNUSED, const int8_t *y NK_UNUSED,
                            int32_t quads NK_UNUSED, const int32_t *start NK_UNUSED,
                            int32_t *sums NK_UNUSED)
{
    __asm__("push     {r4-r11, lr}          \n"
            "ldmia.w  r3, {r4-r7}           \n"
            "lsls     r3, r2, #31           \n"
            "add.w    r2, r1, r2, lsl #2    \n"
            "bmi      2f                    \n"
            "b        3f                    \n"
            "1:                             \n" NK_MATRIX_QUAD
            "2:                             \n" NK_MATRIX_QUAD "3:                             \n"
            "cmp      r1, r2                \n"
            "bne      1b                    \n"
            "ldr      r3, [sp, #36]         \n"
            "stmia    r3!, {r4-r7}          \n"
            "pop      {r4-r11, pc}          \n");
}

/* One row of x: pairs of two columns of y in lr and r12. */
#define NK_MATRIX_COLUMNS(sum0, sum1)                                                              \
    "ldr.w    r3, [r0], #4          \n"                                                            \
    "smlad    " sum0 ", lr, r3, " sum0 " \n"                                                       \
    "smlad    " sum1 ", r12, r3, " sum1 " \n"

/* Two rows of y. */
#define NK_MATRIX_TWO_ROWS                                                                         \
    "ldrh     r12, [r1]             \n"                                                            \
    "ldrh     r3, [r1, r2]          \n"                                                            \
    "add      r1, r1, r2, lsl #1    \n"                                                            \
    "orr      r12, r12, r3, lsl #16 \n"                                                            \
    "sxtb16   lr, r12               \n"                                                            \
    "sxtb16   r12, r12, ror #8      \n" NK_MATRIX_COLUMNS("r4", "r5")                              \
        NK_MATRIX_COLUMNS("r6", "r7") NK_MATRIX_COLUMNS("r8", "r9")                                \
            NK_MATRIX_COLUMNS("r10", "r11")

/*
 * sums[2 * row + i] = start[row] + x * column i of y, whose rows are `stride` bytes apart.
 * r0 x, r1 y, r2 stride, sums in r4-r11; stack: end of x, r4-r11, return, start, sums. Loop as
 * above.
 */
NK_NAKED void nk_matrix_columns(const uint32_t *x NK_UNUSED, const int8_t *y NK_UNUSED,
                                int32_t stride NK_UNUSED, int32_t pairs NK_UNUSED,
                                const int32_t *start NK_UNUSED, int32_t *sums NK_UNUSED)
{
    __asm__("push     {r4-r11, lr}          \n"
            "lsls     r12, r3, #31          \n"
            "add      r3, r0, r3, lsl #4    \n"
            "push     {r3}                  \n"
            "ldr      r12, [sp, #40]        \n"
            "ldmia.w  r12, {r4, r6, r8, r10} \n"
            "mov      r5, r4                \n"
            "mov      r7, r6                \n"
            "mov      r9, r8                \n"
            "mov      r11, r10              \n"
            "bmi      2f                    \n"
            "b        3f                    \n"
            "1:                             \n" NK_MATRIX_TWO_ROWS
            "2:                             \n" NK_MATRIX_TWO_ROWS
            "3:                             \n"
            "ldr      r3, [sp]              \n"
            "cmp      r0, r3                \n"
            "bne      1b                    \n"
            "ldr      r3, [sp, #44]         \n"
            "stmia.w  r3, {r4-r11}          \n"
            "pop      {r3-r11, pc}          \n");
}

#endif
