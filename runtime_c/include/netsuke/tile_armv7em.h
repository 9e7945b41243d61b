/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tile.h for Armv7E-M, in assembly: a compiler spills the accumulators.
 *
 * r0 x, r1 w; sums of b (at first S) in r5-r7, of a in r8-r10, one for each pixel; pairs of x in
 * r2-r4 (and r7), two words of weights in r11 and r12, their a lanes in their place afterwards; lr
 * is the end of x. The loop over pairs takes eight and is entered in its middle where their number
 * is no multiple of that; if it is odd, by way of one pair alone.
 *
 * Stack: out, scaling, stride, zero; entry, x, end of x, entry behind the pair alone; r4-r11,
 * return; then the arguments stride, scaling_end, zero, pairs.
 */
#ifndef NETSUKE_TILE_ARMV7EM_H
#define NETSUKE_TILE_ARMV7EM_H

#define NK_SUMS_1(w, x, sum)             "smlad    " sum ", " w ", " x ", " sum " \n"
#define NK_SUMS_2(w, x0, x1, sum0, sum1) NK_SUMS_1(w, x0, sum0) NK_SUMS_1(w, x1, sum1)
#define NK_SUMS_3(w, x0, x1, x2, sum0, sum1, sum2)                                                 \
    NK_SUMS_2(w, x0, x1, sum0, sum1) NK_SUMS_1(w, x2, sum2)
#define NK_A_LANES(w) "sxtb16   " w ", " w "         \n"

#define NK_STEP_1(w, x) NK_SUMS_1(w, x, "r5") NK_A_LANES(w) NK_SUMS_1(w, x, "r8")
#define NK_STEP_2(w, x0, x1)                                                                       \
    NK_SUMS_2(w, x0, x1, "r5", "r6") NK_A_LANES(w) NK_SUMS_2(w, x0, x1, "r8", "r9")
#define NK_STEP_3(w)                                                                               \
    "ldmia    r0!, {r2-r4}          \n" NK_SUMS_3(w, "r2", "r3", "r4", "r5", "r6", "r7")           \
        NK_A_LANES(w) NK_SUMS_3(w, "r2", "r3", "r4", "r8", "r9", "r10")

#define NK_ALONE_W "ldr      r11, [r1], #4         \n"
#define NK_ALONE_1 NK_ALONE_W "ldmia    r0!, {r2}             \n" NK_STEP_1("r11", "r2")
#define NK_ALONE_2 NK_ALONE_W "ldmia    r0!, {r2, r3}         \n" NK_STEP_2("r11", "r2", "r3")
#define NK_ALONE_3 NK_ALONE_W NK_STEP_3("r11")

/* Two pairs. The bytes of each are those of narrow ldmia, all other instructions being wide. */
#define NK_TWO_W "ldmia.w  r1!, {r11, r12}       \n"
#define NK_TWO_1                                                                                   \
    NK_TWO_W "ldmia    r0!, {r2, r3}         \n" NK_STEP_1("r11", "r2") NK_STEP_1("r12", "r3")
#define NK_TWO_2                                                                                   \
    NK_TWO_W "ldmia    r0!, {r2, r3, r4, r7} \n" NK_STEP_2("r11", "r2", "r3")                      \
        NK_STEP_2("r12", "r4", "r7")
#define NK_TWO_3       NK_TWO_W NK_STEP_3("r11") NK_STEP_3("r12")
#define NK_TWO_1_BYTES "30"
#define NK_TWO_2_BYTES "46"
#define NK_TWO_3_BYTES "64"

/* To sums of all pixels what those of pixel 0 begin with. */
#define NK_COPY_1
#define NK_COPY_2                                                                                  \
    "mov      r6, r5                \n"                                                            \
    "mov      r9, r8                \n"
#define NK_COPY_3                                                                                  \
    NK_COPY_2                                                                                      \
    "mov      r7, r5                \n"                                                            \
    "mov      r10, r8               \n"

/* 256 B of each pixel */
#define NK_SUBTRACT_1 "sub      r5, r5, r8            \n"
#define NK_SUBTRACT_2 NK_SUBTRACT_1 "sub      r6, r6, r9            \n"
#define NK_SUBTRACT_3 NK_SUBTRACT_2 "sub      r7, r7, r10           \n"

/* Sums of pixel 0 begin with the bias; x and its end. */
#define NK_BEGIN                                                                                   \
    "ldr      r8, [r2]              \n"                                                            \
    "ldr      r5, [r2, #8]          \n"                                                            \
    "ldrd     r0, lr, [sp, #20]     \n"                                                            \
    "asr      r8, r8, #8            \n"                                                            \
    "bic      r5, r5, #255          \n"                                                            \
    "add      r5, r5, r8            \n"
#define NK_BEGIN_ONCE                                                                              \
    "ldr      r5, [r2, #8]          \n"                                                            \
    "ldrd     r0, lr, [sp, #20]     \n"                                                            \
    "mov      r8, #0                \n"

/* A channel's shift in r11, multiplier in r12, and half of 1 and the zero point, shifted, in lr. */
#define NK_SCALING                                                                                 \
    "ldrd     r11, r12, [r2], #8    \n"                                                            \
    "lsl      lr, r4, r11           \n"
#define NK_SCALING_AGAIN_SIGNED "ldr      r4, [sp, #12]         \n" NK_SCALING

#define NK_OUT_FROM(sum, addend, at)                                                               \
    "smmlar   " sum ", " sum ", r12, " addend " \n"                                                \
    "asr      " sum ", " sum ", r11 \n"                                                            \
    "ssat     " sum ", #8, " sum ", asr #1 \n"                                                     \
    "strb     " sum ", " at "       \n"
#define NK_OUT_A(sum, at) "lsl      " sum ", " sum ", #1  \n" NK_OUT_FROM(sum, "lr", at)
#define NK_OUT_B(sum, at) "asr      " sum ", " sum ", #7  \n" NK_OUT_FROM(sum, "lr", at)
#define NK_TILE_SIGN(sum) "add      r4, lr, " sum ", asr #31 \n"
#define NK_OUT_A_SIGNED(sum, at)                                                                   \
    NK_TILE_SIGN(sum) "lsl      " sum ", " sum ", #1  \n" NK_OUT_FROM(sum, "r4", at)
#define NK_OUT_B_SIGNED(sum, at)                                                                   \
    NK_TILE_SIGN(sum) "asr      " sum ", " sum ", #7  \n" NK_OUT_FROM(sum, "r4", at)

/* What is added to a sum in r11, multiplier in r12, addend in r4. */
#define NK_SCALING_ONCE "ldrd     r11, r12, [r2], #8    \n"
#define NK_OUT_B_ONCE(sum, shift, at)                                                              \
    NK_SCALE_ONCE(sum, "r12", "r4", shift) "strb     " sum ", " at "       \n"
#define NK_OUT_A_ONCE(sum, shift, at)                                                              \
    "add      " sum ", r11, " sum ", lsl #8 \n" NK_OUT_B_ONCE(sum, shift, at)
#define NK_OUT_A_ONCE_12(sum, at) NK_OUT_A_ONCE(sum, "12", at)
#define NK_OUT_B_ONCE_12(sum, at) NK_OUT_B_ONCE(sum, "12", at)
#define NK_OUT_A_ONCE_9(sum, at)  NK_OUT_A_ONCE(sum, "9", at)
#define NK_OUT_B_ONCE_9(sum, at)  NK_OUT_B_ONCE(sum, "9", at)

/* r8 and r9 become the places of pixels 1 and 2 when they are stored. */
#define NK_OUTS_A_1(OUT) OUT("r8", "[r0]")
#define NK_OUTS_A_2(OUT) NK_OUTS_A_1(OUT) "add      r8, r0, r3            \n" OUT("r9", "[r8]")
#define NK_OUTS_A_3(OUT) NK_OUTS_A_2(OUT) "add      r9, r8, r3            \n" OUT("r10", "[r9]")
#define NK_OUTS_B_1(OUT) OUT("r5", "[r0, #1]")
#define NK_OUTS_B_2(OUT) NK_OUTS_B_1(OUT) OUT("r6", "[r8, #1]")
#define NK_OUTS_B_3(OUT) NK_OUTS_B_2(OUT) OUT("r7", "[r9, #1]")

#define NK_TILE(name, pixels, pair_bytes, two_bytes, TWO, BEGIN, OUTS)                             \
    NK_NAKED void name(const uint32_t *x NK_UNUSED, const uint32_t *w NK_UNUSED,                   \
                       const int32_t *scaling NK_UNUSED, int8_t *out NK_UNUSED,                    \
                       int32_t stride NK_UNUSED, const int32_t *scaling_end NK_UNUSED,             \
                       int32_t zero NK_UNUSED, int32_t pairs NK_UNUSED)                            \
    {                                                                                              \
        __asm__("push     {r4-r11, lr}          \n"                                                \
                "sub      sp, sp, #32           \n"                                                \
                "ldr      r4, [sp, #68]         \n"                                                \
                "ldrd     r5, r6, [sp, #76]     \n"                                                \
                "strd     r3, r2, [sp]          \n"                                                \
                "strd     r4, r5, [sp, #8]      \n"                                                \
                "mov      r7, #" pair_bytes "   \n"                                                \
                "mla      r7, r6, r7, r0        \n"                                                \
                "strd     r0, r7, [sp, #20]     \n"                                                \
                "lsr      r7, r6, #1            \n"                                                \
                "subs     r5, r7, #1            \n"                                                \
                "and      r5, r5, #3            \n"                                                \
                "ite      pl                    \n"                                                \
                "addpl    r5, r5, #1            \n"                                                \
                "movmi    r5, #0                \n"                                                \
                "adr.w    r7, 3f                \n"                                                \
                "mov      r4, #" two_bytes "    \n"                                                \
                "mls      r7, r5, r4, r7        \n"                                                \
                "orr      r7, r7, #1            \n"                                                \
                "str      r7, [sp, #28]         \n"                                                \
                "lsls     r6, r6, #31           \n"                                                \
                "itt      mi                    \n"                                                \
                "adrmi.w  r7, 4f                \n"                                                \
                "orrmi    r7, r7, #1            \n"                                                \
                "str      r7, [sp, #16]         \n"                                                \
                "1:                             \n" BEGIN NK_COPY_##pixels                         \
                "ldr      pc, [sp, #16]         \n"                                                \
                "4:                             \n" NK_ALONE_##pixels                              \
                "ldr      pc, [sp, #28]         \n"                                                \
                "2:                             \n" TWO TWO TWO TWO                                \
                "3:                             \n"                                                \
                "cmp      r0, lr                \n"                                                \
                "bne      2b                    \n"                                                \
                "ldmia.w  sp, {r0, r2, r3, r4}  \n" NK_SUBTRACT_##pixels OUTS                      \
                "add      r0, r0, #2            \n"                                                \
                "strd     r0, r2, [sp]          \n"                                                \
                "ldr      r3, [sp, #72]         \n"                                                \
                "cmp      r2, r3                \n"                                                \
                "bne      1b                    \n"                                                \
                "add      sp, sp, #32           \n"                                                \
                "pop      {r4-r11, pc}          \n");                                              \
    }

#define NK_TILE_ONCE(suffix, pixels, pair_bytes, OUT_A, OUT_B)                                     \
    NK_TILE(nk_tile_##pixels##suffix, pixels, pair_bytes, NK_TWO_##pixels##_BYTES,                 \
            NK_TWO_##pixels, NK_BEGIN_ONCE,                                                        \
            NK_SCALING_ONCE NK_OUTS_A_##pixels(OUT_A) NK_SCALING_ONCE NK_OUTS_B_##pixels(OUT_B))

#define NK_TILES(pixels, pair_bytes)                                                               \
    NK_TILE(nk_tile_##pixels, pixels, pair_bytes, NK_TWO_##pixels##_BYTES, NK_TWO_##pixels,        \
            NK_BEGIN,                                                                              \
            NK_SCALING NK_OUTS_A_##pixels(NK_OUT_A) NK_SCALING NK_OUTS_B_##pixels(NK_OUT_B))       \
    NK_TILE(nk_tile_##pixels##_signed, pixels, pair_bytes, NK_TWO_##pixels##_BYTES,                \
            NK_TWO_##pixels, NK_BEGIN,                                                             \
            NK_SCALING                  NK_OUTS_A_##pixels(NK_OUT_A_SIGNED)                        \
                NK_SCALING_AGAIN_SIGNED NK_OUTS_B_##pixels(NK_OUT_B_SIGNED))                       \
    NK_TILE_ONCE(_once_12, pixels, pair_bytes, NK_OUT_A_ONCE_12, NK_OUT_B_ONCE_12)                 \
    NK_TILE_ONCE(_once_9, pixels, pair_bytes, NK_OUT_A_ONCE_9, NK_OUT_B_ONCE_9)

NK_TILES(3, "12")
NK_TILES(2, "8")
NK_TILES(1, "4")

/* The next word of each pixel but the first, whose comes last because it moves r1. */
#define NK_EXPAND_LOAD_2 "ldr      r5, [r1, r3]          \n"
#define NK_EXPAND_LOAD_3 NK_EXPAND_LOAD_2 "ldr      r6, [r1, r3, lsl #1]  \n"
#define NK_EXPAND_ODD_2                                                                            \
    "sxtb16   r7, r4, ror #8        \n"                                                            \
    "sxtb16   r8, r5, ror #8        \n"
#define NK_EXPAND_ODD_3 NK_EXPAND_ODD_2 "sxtb16   r9, r6, ror #8        \n"
#define NK_EXPAND_EVEN_2                                                                           \
    "sxtb16   r4, r4                \n"                                                            \
    "sxtb16   r5, r5                \n"
#define NK_EXPAND_EVEN_3 NK_EXPAND_EVEN_2 "sxtb16   r6, r6                \n"
#define NK_EXPAND_LAST_2                                                                           \
    "pkhtb    r7, r7, r4, asr #16   \n"                                                            \
    "pkhtb    r8, r8, r5, asr #16   \n"
#define NK_EXPAND_LAST_3 NK_EXPAND_LAST_2 "pkhtb    r9, r9, r6, asr #16   \n"
#define NK_EXPAND_WORD(pixels, even, odd)                                                          \
    NK_EXPAND_LOAD_##pixels                                                                        \
        "ldr      r4, [r1], #4          \n" NK_EXPAND_ODD_##pixels NK_EXPAND_EVEN_##pixels         \
        "stmia    r12!, {" even ", " odd "} \n"

/*
 * r1 pixel 0, r3 step, r12 to, lr words left, of which the loop takes two. Stack: end of rows,
 * words and rest of a run, offset, r4-r9, return; then the arguments run, to.
 */
#define NK_EXPAND(pixels, even, odd)                                                                      \
    NK_NAKED uint32_t *nk_expand_##pixels(                                                                \
        const int8_t *const *rows NK_UNUSED, int32_t n NK_UNUSED, int32_t offset NK_UNUSED,               \
        int32_t step NK_UNUSED, int32_t run NK_UNUSED, uint32_t *to NK_UNUSED)                            \
    {                                                                                                     \
        __asm__(                                                                                          \
            "push     {r4-r9, lr}           \n"                                                           \
            "sub      sp, sp, #16           \n"                                                           \
            "ldrd     r4, r12, [sp, #44]    \n"                                                           \
            "add      r1, r0, r1, lsl #2    \n"                                                           \
            "lsr      r5, r4, #2            \n"                                                           \
            "strd     r1, r5, [sp]          \n"                                                           \
            "and      r4, r4, #3            \n"                                                           \
            "strd     r4, r2, [sp, #8]      \n"                                                           \
            "1:                             \n"                                                           \
            "ldr      r1, [r0], #4          \n"                                                           \
            "ldr      r2, [sp, #12]         \n"                                                           \
            "ldr      lr, [sp, #4]          \n"                                                           \
            "add      r1, r1, r2            \n"                                                           \
            "lsls     r2, lr, #31           \n"                                                           \
            "add      lr, lr, #1            \n"                                                           \
            "bmi      3f                    \n"                                                           \
            "sub      lr, lr, #1            \n"                                                           \
            "2:                             \n" NK_EXPAND_WORD(                                           \
                pixels, even,                                                                             \
                odd) "3:                             \n" NK_EXPAND_WORD(pixels, even,                     \
                                                                        odd) "subs     lr, "              \
                                                                             "lr, #2         "            \
                                                                             "   \n"                      \
                                                                             "bne      2b    "            \
                                                                             "               "            \
                                                                             " \n"                        \
                                                                             "ldr      lr, "              \
                                                                             "[sp, #8]       "            \
                                                                             "   \n"                      \
                                                                             "cmp      lr, "              \
                                                                             "#0             "            \
                                                                             "   \n"                      \
                                                                             "beq      6f    "            \
                                                                             "               "            \
                                                                             " \n" /* the last            \
                                                                                      word of             \
                                                                                      the run,            \
                                                                                      whose               \
                                                                                      first               \
                                                                                      bytes               \
                                                                                      were                \
                                                                                      expanded            \
                                                                                      before              \
                                                                                    */                    \
                                                                             "sub      r1, "              \
                                                                             "r1, #4         "            \
                                                                             "   \n"                      \
                                                                             "add      r1, "              \
                                                                             "r1, lr         "            \
                                                                             "   \n"                      \
                                                                             "ldr      r4, "              \
                                                                             "[r1]           "            \
                                                                             "   "                        \
                                                                             "\n" NK_EXPAND_LOAD_##pixels \
                                                                                 NK_EXPAND_ODD_##pixels   \
            "cmp      lr, #2                \n"                                                           \
            "blt      5f                    \n" NK_EXPAND_EVEN_##pixels                                   \
            "bgt      4f                    \n" NK_EXPAND_LAST_##pixels                                   \
            "b        5f                    \n"                                                           \
            "4:                             \n"                                                           \
            "stmia    r12!, {" even "}      \n"                                                           \
            "5:                             \n"                                                           \
            "stmia    r12!, {" odd "}       \n"                                                           \
            "6:                             \n"                                                           \
            "ldr      r1, [sp]              \n"                                                           \
            "cmp      r0, r1                \n"                                                           \
            "bne      1b                    \n"                                                           \
            "mov      r0, r12               \n"                                                           \
            "add      sp, sp, #16           \n"                                                           \
            "pop      {r4-r9, pc}           \n");                                                         \
    }

NK_EXPAND(3, "r4-r6", "r7-r9")
NK_EXPAND(2, "r4-r5", "r7-r8")

#endif
