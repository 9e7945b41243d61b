/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tile.h for Armv7E-M, in assembly: a compiler spills the accumulators.
 *
 * r0 x, r1 w, r2 word of weights, r3 its a lanes, r4 r5 pairs of x; sums of b (at first S) in
 * r6-r9, of a in r10-r12 and lr, one for each pixel. The loop over pairs is eight steps long and
 * entered in its middle where the number of pairs is no multiple of eight.
 * Stack: entry, x, w, scaling, out, r4-r11, return; then the arguments stride, scaling_end, zero,
 * pairs, the last of which becomes the end of x.
 */
#ifndef NETSUKE_TILE_ARMV7EM_H
#define NETSUKE_TILE_ARMV7EM_H

#define NK_STEP_1                                                                                  \
    "ldr.w    r2, [r1], #4          \n"                                                            \
    "ldr.w    r4, [r0], #4          \n"                                                            \
    "sxtb16   r3, r2                \n"                                                            \
    "smlad    r6, r2, r4, r6        \n"                                                            \
    "smlad    r10, r3, r4, r10      \n"

/* Of one pixel, two steps are loaded at once. */
#define NK_TWO_STEPS_1                                                                             \
    "ldmia.w  r0!, {r4, r5}         \n"                                                            \
    "ldmia.w  r1!, {r2, r7}         \n"                                                            \
    "sxtb16   r3, r2                \n"                                                            \
    "smlad    r6, r2, r4, r6        \n"                                                            \
    "smlad    r10, r3, r4, r10      \n"                                                            \
    "sxtb16   r3, r7                \n"                                                            \
    "smlad    r6, r7, r5, r6        \n"                                                            \
    "smlad    r10, r3, r5, r10      \n"

/* If the number of pairs is odd, one step goes before. */
#define NK_BEFORE_1                                                                                \
    "ldr      r2, [sp, #68]         \n"                                                            \
    "sub      r2, r2, r0            \n"                                                            \
    "lsls     r2, r2, #29           \n"                                                            \
    "bpl      4f                    \n" NK_STEP_1 "4:                             \n"

#define NK_EIGHT(STEP) STEP STEP STEP STEP STEP STEP STEP STEP
#define NK_FOUR(STEPS) STEPS STEPS STEPS STEPS

#define NK_STEP_2                                                                                  \
    "ldr.w    r2, [r1], #4          \n"                                                            \
    "ldmia.w  r0!, {r4, r5}         \n"                                                            \
    "sxtb16   r3, r2                \n"                                                            \
    "smlad    r6, r2, r4, r6        \n"                                                            \
    "smlad    r10, r3, r4, r10      \n"                                                            \
    "smlad    r7, r2, r5, r7        \n"                                                            \
    "smlad    r11, r3, r5, r11      \n"

#define NK_STEP_4                                                                                  \
    NK_STEP_2                                                                                      \
    "ldmia.w  r0!, {r4, r5}         \n"                                                            \
    "smlad    r8, r2, r4, r8        \n"                                                            \
    "smlad    r12, r3, r4, r12      \n"                                                            \
    "smlad    r9, r2, r5, r9        \n"                                                            \
    "smlad    lr, r3, r5, lr        \n"

/* r0 shift, r1 multiplier, r2 half and zero point, r3 out, r4 stride; r5 is free */
#define NK_OUT(sum, double_it, at)                                                                 \
    double_it "                     \n"                                                            \
              "smmlar   " sum ", " sum ", r1, r2 \n"                                               \
              "asr      " sum ", " sum ", r0  \n"                                                  \
              "ssat     " sum ", #8, " sum "  \n"                                                  \
              "strb     " sum ", " at "       \n"

#define NK_OUT_SIGNED(sum, double_it, at)                                                          \
    "add      r5, r2, " sum ", asr #31 \n" double_it "                     \n"                     \
    "smmlar   " sum ", " sum ", r1, r5 \n"                                                         \
    "asr      " sum ", " sum ", r0  \n"                                                            \
    "ssat     " sum ", #8, " sum "  \n"                                                            \
    "strb     " sum ", " at "       \n"

#define NK_TWICE(sum) "lsl " sum ", " sum ", #1"
#define NK_128TH(sum) "asr " sum ", " sum ", #7"
#define NK_LESS(b, a) "sub " b ", " b ", " a " \n"

#define NK_OUTS_1(OUT, twice, p0) OUT(p0, twice(p0), "[r3]")
#define NK_OUTS_2(OUT, twice, p0, p1)                                                              \
    NK_OUTS_1(OUT, twice, p0)                                                                      \
    OUT(p1, twice(p1), "[r3, r4]")
#define NK_OUTS_4(OUT, twice, p0, p1, p2, p3)                                                      \
    NK_OUTS_2(OUT, twice, p0, p1)                                                                  \
    OUT(p2, twice(p2), "[r3, r4, lsl #1]")                                                         \
    "add      r3, r3, r4            \n" OUT(                                                       \
        p3, twice(p3), "[r3, r4, lsl #1]") "sub      r3, r3, r4            \n"

/* From the channel's word in r0: shift, and half of 1 and the zero point, shifted. */
#define NK_SCALING                                                                                 \
    "ldr      r2, [sp, #64]         \n"                                                            \
    "uxtb     r0, r0                \n"                                                            \
    "lsl      r2, r2, r0            \n"                                                            \
    "asr      r2, r2, #1            \n"

#define NK_TILE(name, STEPS, step_bytes, together, pair_shift, BEGIN, SUBTRACT, OUTS_A, OUTS_B)    \
    NK_NAKED void name(const uint32_t *x NK_UNUSED, const uint32_t *w NK_UNUSED,                   \
                       const int32_t *scaling NK_UNUSED, int8_t *out NK_UNUSED,                    \
                       int32_t stride NK_UNUSED, const int32_t *scaling_end NK_UNUSED,             \
                       int32_t zero NK_UNUSED, int32_t pairs NK_UNUSED)                            \
    {                                                                                              \
        __asm__("push     {r0-r11, lr}          \n"                                                \
                "sub      sp, sp, #4            \n"                                                \
                "ldr      r4, [sp, #68]         \n"                                                \
                "ands     r5, r4, #7            \n"                                                \
                "it       eq                    \n"                                                \
                "moveq    r5, #8                \n"                                                \
                "bic      r5, r5, #" together " - 1 \n"                                            \
                "add      r4, r0, r4, lsl #" pair_shift " \n"                                      \
                "str      r4, [sp, #68]         \n"                                                \
                "adr.w    r6, 3f                \n"                                                \
                "mov      r7, #" step_bytes "   \n"                                                \
                "mls      r6, r5, r7, r6        \n"                                                \
                "orr      r6, r6, #1            \n"                                                \
                "str      r6, [sp, #0]          \n"                                                \
                "mov      r4, r2                \n"                                                \
                "1:                             \n"                                                \
                "ldr      r10, [r4]             \n"                                                \
                "ldr      r6, [r4, #8]          \n"                                                \
                "ldrd     r0, r1, [sp, #4]      \n"                                                \
                "asr      r10, r10, #8          \n"                                                \
                "bic      r6, r6, #255          \n"                                                \
                "add      r6, r6, r10           \n" BEGIN "ldr      pc, [sp, #0]          \n"      \
                "2:                             \n" STEPS "3:                             \n"      \
                "ldr      r2, [sp, #68]         \n"                                                \
                "cmp      r0, r2                \n"                                                \
                "bne      2b                    \n"                                                \
                "str      r1, [sp, #8]          \n"                                                \
                "ldrd     r5, r3, [sp, #12]     \n"                                                \
                "ldr      r4, [sp, #56]         \n"                                                \
                "ldrd     r0, r1, [r5]          \n" SUBTRACT NK_SCALING OUTS_A                     \
                "ldr      r5, [sp, #12]         \n"                                                \
                "add      r3, r3, #1            \n"                                                \
                "ldrd     r0, r1, [r5, #8]      \n" NK_SCALING OUTS_B                              \
                "ldr      r4, [sp, #12]         \n"                                                \
                "add      r3, r3, #1            \n"                                                \
                "add      r4, r4, #16           \n"                                                \
                "ldr      r2, [sp, #60]         \n"                                                \
                "strd     r4, r3, [sp, #12]     \n"                                                \
                "cmp      r4, r2                \n"                                                \
                "bne      1b                    \n"                                                \
                "add      sp, sp, #20           \n"                                                \
                "pop      {r4-r11, pc}          \n");                                              \
    }

#define NK_COPY_2                                                                                  \
    "mov      r7, r6                \n"                                                            \
    "mov      r11, r10              \n"
#define NK_COPY_4                                                                                  \
    NK_COPY_2                                                                                      \
    "mov      r8, r6                \n"                                                            \
    "mov      r9, r6                \n"                                                            \
    "mov      r12, r10              \n"                                                            \
    "mov      lr, r10               \n"

#define NK_SUBTRACT_1 NK_LESS("r6", "r10")
#define NK_SUBTRACT_2 NK_SUBTRACT_1 NK_LESS("r7", "r11")
#define NK_SUBTRACT_4 NK_SUBTRACT_2 NK_LESS("r8", "r12") NK_LESS("r9", "lr")

#define NK_TILES(suffix, OUT)                                                                      \
    NK_TILE(nk_tile_4##suffix, NK_EIGHT(NK_STEP_4), "48", "1", "4", NK_COPY_4, NK_SUBTRACT_4,      \
            NK_OUTS_4(OUT, NK_TWICE, "r10", "r11", "r12", "lr"),                                   \
            NK_OUTS_4(OUT, NK_128TH, "r6", "r7", "r8", "r9"))                                      \
    NK_TILE(nk_tile_2##suffix, NK_EIGHT(NK_STEP_2), "28", "1", "3", NK_COPY_2, NK_SUBTRACT_2,      \
            NK_OUTS_2(OUT, NK_TWICE, "r10", "r11"), NK_OUTS_2(OUT, NK_128TH, "r6", "r7"))          \
    NK_TILE(nk_tile_1##suffix, NK_FOUR(NK_TWO_STEPS_1), "16", "2", "2", NK_BEFORE_1,               \
            NK_SUBTRACT_1, NK_OUTS_1(OUT, NK_TWICE, "r10"), NK_OUTS_1(OUT, NK_128TH, "r6"))

NK_TILES(, NK_OUT)
NK_TILES(_signed, NK_OUT_SIGNED)

/*
 * Stack: end of rows, words and rest of a run, offset, r4-r11, return; then the arguments
 * run, to. r1 pixel 0, r2 pixel 1, r3 step, r12 to.
 */
NK_NAKED uint32_t *nk_expand_4(const int8_t *const *rows NK_UNUSED, int32_t n NK_UNUSED,
                               int32_t offset NK_UNUSED, int32_t step NK_UNUSED,
                               int32_t run NK_UNUSED, uint32_t *to NK_UNUSED)
{
    __asm__("push     {r4-r11, lr}          \n"
            "sub      sp, sp, #16           \n"
            "ldrd     r4, r12, [sp, #52]    \n"
            "add      r1, r0, r1, lsl #2    \n"
            "lsr      r5, r4, #2            \n"
            "strd     r1, r5, [sp]          \n"
            "and      r4, r4, #3            \n"
            "strd     r4, r2, [sp, #8]      \n"
            "1:                             \n"
            "ldr      r1, [r0], #4          \n"
            "ldr      r2, [sp, #12]         \n"
            "ldr      lr, [sp, #4]          \n"
            "add      r1, r1, r2            \n"
            "add      r2, r1, r3            \n"
            "2:                             \n"
            "ldr      r5, [r1, r3]          \n"
            "ldr      r6, [r1, r3, lsl #1]  \n"
            "ldr      r7, [r2, r3, lsl #1]  \n"
            "ldr      r4, [r1], #4          \n"
            "sxtb16   r8, r4, ror #8        \n"
            "sxtb16   r9, r5, ror #8        \n"
            "sxtb16   r10, r6, ror #8       \n"
            "sxtb16   r11, r7, ror #8       \n"
            "sxtb16   r4, r4                \n"
            "sxtb16   r5, r5                \n"
            "sxtb16   r6, r6                \n"
            "sxtb16   r7, r7                \n"
            "stmia    r12!, {r4-r11}        \n"
            "add      r2, r2, #4            \n"
            "subs     lr, lr, #1            \n"
            "bne      2b                    \n"
            "ldr      lr, [sp, #8]          \n"
            "cmp      lr, #0                \n"
            "beq      5f                    \n"
            /* the last word of the run, whose first bytes were expanded before */
            "sub      r1, r1, #4            \n"
            "sub      r2, r2, #4            \n"
            "add      r1, r1, lr            \n"
            "add      r2, r2, lr            \n"
            "ldr      r4, [r1]              \n"
            "ldr      r5, [r1, r3]          \n"
            "ldr      r6, [r1, r3, lsl #1]  \n"
            "ldr      r7, [r2, r3, lsl #1]  \n"
            "sxtb16   r8, r4, ror #8        \n"
            "sxtb16   r9, r5, ror #8        \n"
            "sxtb16   r10, r6, ror #8       \n"
            "sxtb16   r11, r7, ror #8       \n"
            "cmp      lr, #2                \n"
            "blt      4f                    \n"
            "sxtb16   r4, r4                \n"
            "sxtb16   r5, r5                \n"
            "sxtb16   r6, r6                \n"
            "sxtb16   r7, r7                \n"
            "bgt      3f                    \n"
            "pkhtb    r8, r8, r4, asr #16   \n"
            "pkhtb    r9, r9, r5, asr #16   \n"
            "pkhtb    r10, r10, r6, asr #16 \n"
            "pkhtb    r11, r11, r7, asr #16 \n"
            "b        4f                    \n"
            "3:                             \n"
            "stmia    r12!, {r4-r7}         \n"
            "4:                             \n"
            "stmia    r12!, {r8-r11}        \n"
            "5:                             \n"
            "ldr      r1, [sp]              \n"
            "cmp      r0, r1                \n"
            "bne      1b                    \n"
            "mov      r0, r12               \n"
            "add      sp, sp, #16           \n"
            "pop      {r4-r11, pc}          \n");
}

#endif
