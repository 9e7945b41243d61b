/* SPDX-License-Identifier: Apache-2.0 */
/* window.h for Armv7E-M, in assembly: a compiler spills the weights. */
#ifndef NETSUKE_WINDOW_ARMV7EM_H
#define NETSUKE_WINDOW_ARMV7EM_H

/*
 * The sum of one output in r11: r0 x; weights in r3-r5 (rows 0 and 1), r6 (row 2) and the upper
 * half of r7; r8 bias. Of the last two columns' loads, only one moves x where windows are one
 * column apart, both where they are two.
 */
#define NK_WINDOW_SUM(MIDDLE_STEP, RIGHT)                                                          \
    "ldr.w    r11, [r0], #32        \n"                                                            \
    "smlad    r11, r11, r3, r8      \n"                                                            \
    "ldrd     r12, lr, [r0]" MIDDLE_STEP " \n"                                                     \
    "smlad    r11, r12, r4, r11     \n"                                                            \
    "smlad    r11, lr, r6, r11      \n"                                                            \
    "ldrd     r12, lr, [r0" RIGHT "] \n"                                                           \
    "smlad    r11, r12, r5, r11     \n"                                                            \
    "smlatt   r11, lr, r7, r11      \n"
#define NK_WINDOW_SUM_S1 NK_WINDOW_SUM("", ", #32")
#define NK_WINDOW_SUM_S2 NK_WINDOW_SUM(", #32", "")

#define NK_WINDOW_STORE                                                                            \
    "strb.w   r11, [r1]             \n"                                                            \
    "add.w    r1, r1, r2            \n"

/* To r1, r2 bytes apart: shift in the lowest byte of r7, multiplier in r9, addend in r10. */
#define NK_WINDOW_SCALE(SIGN, addend)                                                              \
    SIGN "lsl.w    r11, r11, #1          \n"                                                       \
         "smmlar   r11, r11, r9, " addend " \n"                                                    \
         "asr.w    r11, r11, r7          \n"                                                       \
         "ssat     r11, #8, r11, asr #1  \n" NK_WINDOW_STORE
#define NK_WINDOW_OUT             NK_WINDOW_SCALE("", "r10")
#define NK_WINDOW_OUT_SIGNED      NK_WINDOW_SCALE("add.w    r12, r10, r11, asr #31 \n", "r12")
#define NK_WINDOW_OUT_ONCE(shift) NK_SCALE_ONCE("r11", "r9", "r10", shift) NK_WINDOW_STORE

/*
 * Weights of a channel: r4 and r6 words, r7 w22. r8 and r9 its scaling, r10 zero. _once makes the
 * weights, and so the sum, 256 times as large.
 */
#define NK_WINDOW_UNPACK                                                                           \
    "sxtb16   r3, r4                \n"                                                            \
    "sxtb16   r4, r4, ror #8        \n"                                                            \
    "sxtb16   r5, r6                \n"                                                            \
    "sxtb16   r6, r6, ror #8        \n"                                                            \
    "pkhbt    r7, r8, r7, lsl #16   \n"                                                            \
    "lsl      r10, r10, r8          \n"                                                            \
    "asr      r8, r8, #8            \n"
#define NK_WINDOW_UNPACK_ONCE                                                                      \
    "lsl      r3, r4, #8            \n"                                                            \
    "lsl      r5, r6, #8            \n"                                                            \
    "bic      r3, r3, #0x00FF00FF   \n"                                                            \
    "bic      r4, r4, #0x00FF00FF   \n"                                                            \
    "bic      r5, r5, #0x00FF00FF   \n"                                                            \
    "bic      r6, r6, #0x00FF00FF   \n"                                                            \
    "lsl      r7, r7, #24           \n"

#define NK_WINDOW_4(OUT) OUT OUT OUT OUT

/*
 * Outputs come in eights; the loop is entered in its middle for what is left of n. Stack: entry,
 * end of out, bytes back to the next channel of x and out, weights, scaling, w22, zero; r4-r11,
 * return; then the arguments stride, n, zero.
 */
#define NK_WINDOW(name, x_shift, out_bytes, UNPACK, OUT)                                           \
    NK_NAKED void name(const uint32_t *x NK_UNUSED, const uint32_t *weights NK_UNUSED,             \
                       const int32_t *scaling NK_UNUSED, int8_t *out NK_UNUSED,                    \
                       int32_t stride NK_UNUSED, int32_t n NK_UNUSED, int32_t zero NK_UNUSED)      \
    {                                                                                              \
        __asm__("push     {r4-r11, lr}          \n"                                                \
                "sub      sp, sp, #32           \n"                                                \
                "strd     r1, r2, [sp, #16]     \n"                                                \
                "add      r1, r1, #32           \n"                                                \
                "ldr      r5, [sp, #76]         \n"                                                \
                "strd     r1, r5, [sp, #24]     \n"                                                \
                "mov      r1, r3                \n"                                                \
                "ldrd     r2, r4, [sp, #68]     \n"                                                \
                "mul      r6, r2, r4            \n"                                                \
                "add      r7, r1, r6            \n"                                                \
                "sub      r6, r6, #1            \n"                                                \
                "lsl      r5, r4, #" x_shift "  \n"                                                \
                "sub      r5, r5, #8            \n"                                                \
                "strd     r5, r6, [sp, #8]      \n"                                                \
                "sub      r4, r4, #1            \n"                                                \
                "and      r4, r4, #7            \n"                                                \
                "add      r4, r4, #1            \n"                                                \
                "mov      r5, #" out_bytes "    \n"                                                \
                "adr.w    r6, 3f                \n"                                                \
                "mls      r6, r4, r5, r6        \n"                                                \
                "orr      r6, r6, #1            \n"                                                \
                "strd     r6, r7, [sp]          \n"                                                \
                "1:                             \n"                                                \
                "ldrd     r11, r12, [sp, #16]   \n"                                                \
                "ldrd     r7, r10, [sp, #24]    \n"                                                \
                "ldrd     r4, r6, [r11], #8     \n"                                                \
                "ldrd     r8, r9, [r12], #8     \n"                                                \
                "ldrsb    r7, [r7]              \n"                                                \
                "strd     r11, r12, [sp, #16]   \n" UNPACK "ldr      pc, [sp]              \n"     \
                "2:                             \n" NK_WINDOW_4(OUT)                               \
                    NK_WINDOW_4(OUT) "3:                             \n"                           \
                                     "ldr      r12, [sp, #4]         \n"                           \
                                     "cmp      r1, r12               \n"                           \
                                     "bne      2b                    \n"                           \
                                     "ldr      r7, [sp, #24]         \n"                           \
                                     "ldrd     r3, r4, [sp, #8]      \n"                           \
                                     "add      r12, r12, #1          \n"                           \
                                     "add      r7, r7, #1            \n"                           \
                                     "str      r12, [sp, #4]         \n"                           \
                                     "str      r7, [sp, #24]         \n"                           \
                                     "sub      r0, r0, r3            \n"                           \
                                     "sub      r1, r1, r4            \n"                           \
                                     "lsls     r7, r7, #30           \n"                           \
                                     "bne      1b                    \n"                           \
                                     "add      sp, sp, #32           \n"                           \
                                     "pop      {r4-r11, pc}          \n");                         \
    }

#define NK_WINDOWS(name, x_shift, SUM)                                                             \
    NK_WINDOW(name, x_shift, "56", NK_WINDOW_UNPACK, SUM NK_WINDOW_OUT)                            \
    NK_WINDOW(name##_signed, x_shift, "60", NK_WINDOW_UNPACK, SUM NK_WINDOW_OUT_SIGNED)            \
    NK_WINDOW(name##_once_12, x_shift, "48", NK_WINDOW_UNPACK_ONCE, SUM NK_WINDOW_OUT_ONCE("12"))  \
    NK_WINDOW(name##_once_9, x_shift, "48", NK_WINDOW_UNPACK_ONCE, SUM NK_WINDOW_OUT_ONCE("9"))

NK_WINDOWS(nk_window_s1, "5", NK_WINDOW_SUM_S1)
NK_WINDOWS(nk_window_s2, "6", NK_WINDOW_SUM_S2)

/*
 * Columns of n > 0 pixels `in_c` bytes apart; before the first, four channels of row 2.
 * r0-r2 rows, r3 to, r12 row 2 one column earlier, lr offset, r10 its end, r11 in_c.
 */
NK_NAKED void nk_window_columns(const int8_t *row_0 NK_UNUSED, const int8_t *row_1 NK_UNUSED,
                                const int8_t *row_2 NK_UNUSED, uint32_t *to NK_UNUSED,
                                int32_t n NK_UNUSED, int32_t in_c NK_UNUSED,
                                uint32_t before NK_UNUSED)
{
    __asm__("push     {r4-r11, lr}          \n"
            "ldrd     r10, r11, [sp, #36]   \n"
            "ldr      r12, [sp, #44]        \n"
            "mul      r10, r10, r11         \n"
            "mov      lr, #0                \n"
            "1:                             \n"
            "ldr      r4, [r0, lr]          \n"
            "ldr      r5, [r1, lr]          \n"
            "ldr      r6, [r2, lr]          \n"
            "add      lr, lr, r11           \n"
            "pkhbt    r7, r4, r5, lsl #16   \n"
            "pkhtb    r8, r5, r4, asr #16   \n"
            "pkhbt    r9, r12, r6, lsl #16  \n"
            "pkhtb    r5, r6, r12, asr #16  \n"
            "mov      r12, r6               \n"
            "sxtb16   r4, r7                \n"
            "sxtb16   r6, r9                \n"
            "sxtb16   r7, r7, ror #8        \n"
            "sxtb16   r9, r9, ror #8        \n"
            "stmia    r3!, {r4, r6, r7, r9} \n"
            "sxtb16   r4, r8                \n"
            "sxtb16   r6, r5                \n"
            "sxtb16   r8, r8, ror #8        \n"
            "sxtb16   r9, r5, ror #8        \n"
            "stmia    r3!, {r4, r6, r8, r9} \n"
            "cmp      lr, r10               \n"
            "bne      1b                    \n"
            "pop      {r4-r11, pc}          \n");
}

#endif
