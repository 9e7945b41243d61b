/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector.h for Armv7E-M, in assembly: a compiler spills the accumulators.
 *
 * r0 x, r1 w, r2 pair of x, r3 r4 words of weights, r5 the a lanes of one; sums of b (at first S)
 * in r6-r9, of a in r10-r12 and lr, one for each pair of channels. The loop is four steps of four
 * bytes long and entered in its middle. Stack: entry, x, scaling, out, r4-r11, return; then the
 * arguments scaling_end, zero, depth, the last of which becomes the end of x.
 */
#ifndef NETSUKE_VECTOR_ARMV7EM_H
#define NETSUKE_VECTOR_ARMV7EM_H

#define NK_WORD(word, b, a)                                                                        \
    "sxtb16   r5, " word "          \n"                                                            \
    "smlad    " b ", " word ", r2, " b " \n"                                                       \
    "smlad    " a ", r5, r2, " a "  \n"

#define NK_WORD_WIDE(word, b, a)                                                                   \
    "sxtb16   r5, " word "          \n"                                                            \
    "sxtb16   " word ", " word ", ror #8 \n"                                                       \
    "smlad    " b ", " word ", r2, " b " \n"                                                       \
    "smlad    " a ", r5, r2, " a "  \n"

#define NK_WORDS_2(WORD) "ldr.w    r3, [r1], #4          \n" WORD("r3", "r6", "r10")
#define NK_WORDS_8(WORD)                                                                           \
    "ldmia.w  r1!, {r3, r4}         \n" WORD("r3", "r6", "r10")                                    \
        WORD("r4", "r7", "r11") "ldmia.w  r1!, {r3, r4}         \n" WORD("r3", "r8", "r12")        \
            WORD("r4", "r9", "lr")

#define NK_VECTOR_STEP(WORDS, WORD)                                                                \
    "ldr.w    r2, [r0]              \n"                                                            \
    "sxtb16   r2, r2                \n" WORDS(WORD) "ldr.w    r2, [r0], #4          \n"            \
                                                    "sxtb16   r2, r2, ror #8        \n" WORDS(     \
                                                        WORD)

/* Where the sums of a pair of channels begin; r2 scaling. */
#define NK_START(b, a, word_a, word_b)                                                             \
    "ldr      " a ", [r2, #" word_a "] \n"                                                         \
    "ldr      " b ", [r2, #" word_b "] \n"                                                         \
    "asr      " a ", " a ", #8      \n"                                                            \
    "bic      " b ", " b ", #255    \n"                                                            \
    "add      " b ", " b ", " a "   \n"
#define NK_START_WIDE(b, a, word_a, word_b)                                                        \
    "ldr      " a ", [r2, #" word_a "] \n"                                                         \
    "ldr      " b ", [r2, #" word_b "] \n"                                                         \
    "asr      " a ", " a ", #8      \n"                                                            \
    "asr      " b ", " b ", #8      \n"

/* Twice the sum of b. */
#define NK_FINISH(b, a)                                                                            \
    "sub      " b ", " b ", " a "   \n"                                                            \
    "asr      " b ", " b ", #7      \n"
#define NK_FINISH_WIDE(b, a) "lsl " b ", " b ", #1 \n"

/* One output from twice its sum; r1 scaling, r0 zero, r2 out. */
#define NK_VECTOR_OUT(sum, SIGN, at)                                                               \
    "ldrd     r4, r5, [r1], #8      \n"                                                            \
    "lsl      r3, r0, r4            \n" SIGN(sum) "smmlar   " sum ", " sum ", r5, r3 \n"           \
                                                  "asr      " sum ", " sum ", r4  \n"              \
                                                  "ssat     " sum ", #8, " sum ", asr #1 \n"       \
                                                  "strb     " sum ", [r2, #" at "] \n"
#define NK_UNSIGNED(sum)
#define NK_SIGNED(sum) "add r3, r3, " sum ", asr #31 \n"

#define NK_PAIR_OUT(b, a, FINISH, SIGN, at_a, at_b)                                                \
    FINISH(b, a)                                                                                   \
    "lsl      " a ", " a ", #1      \n" NK_VECTOR_OUT(a, SIGN, at_a) NK_VECTOR_OUT(b, SIGN, at_b)

#define NK_STARTS_2(START) START("r6", "r10", "0", "8")
#define NK_STARTS_8(START)                                                                         \
    START("r6", "r10", "0", "8")                                                                   \
    START("r7", "r11", "16", "24") START("r8", "r12", "32", "40") START("r9", "lr", "48", "56")
#define NK_VECTOR_OUTS_2(FINISH, SIGN)                                                             \
    NK_PAIR_OUT("r6", "r10", FINISH, SIGN, "0", "1")                                               \
    "add      r2, r2, #2            \n"
#define NK_VECTOR_OUTS_8(FINISH, SIGN)                                                             \
    NK_PAIR_OUT("r6", "r10", FINISH, SIGN, "0", "1")                                               \
    NK_PAIR_OUT("r7", "r11", FINISH, SIGN, "2", "3")                                               \
    NK_PAIR_OUT("r8", "r12", FINISH, SIGN, "4", "5")                                               \
    NK_PAIR_OUT("r9", "lr", FINISH, SIGN, "6", "7")                                                \
    "add      r2, r2, #8            \n"

#define NK_VECTOR(name, STEP, step_bytes, STARTS, OUTS)                                            \
    NK_NAKED const uint32_t *name(const int8_t *x NK_UNUSED, const uint32_t *w NK_UNUSED,          \
                                  const int32_t *scaling NK_UNUSED, int8_t *out NK_UNUSED,         \
                                  const int32_t *scaling_end NK_UNUSED, int32_t zero NK_UNUSED,    \
                                  int32_t depth NK_UNUSED)                                         \
    {                                                                                              \
        __asm__("push     {r4-r11, lr}          \n"                                                \
                "sub      sp, sp, #16           \n"                                                \
                "ldr      r4, [sp, #60]         \n"                                                \
                "strd     r2, r3, [sp, #8]      \n"                                                \
                "ands     r5, r4, #12           \n"                                                \
                "it       eq                    \n"                                                \
                "moveq    r5, #16               \n"                                                \
                "add      r4, r4, r0            \n"                                                \
                "str      r4, [sp, #60]         \n"                                                \
                "adr.w    r6, 3f                \n"                                                \
                "mov      r7, #" step_bytes " / 4 \n"                                              \
                "mls      r6, r5, r7, r6        \n"                                                \
                "orr      r6, r6, #1            \n"                                                \
                "strd     r6, r0, [sp]          \n"                                                \
                "1:                             \n" STARTS "ldr      r0, [sp, #4]          \n"     \
                "ldr      pc, [sp]              \n"                                                \
                "2:                             \n" STEP STEP STEP STEP                            \
                "3:                             \n"                                                \
                "ldr      r2, [sp, #60]         \n"                                                \
                "cmp      r0, r2                \n"                                                \
                "bne      2b                    \n"                                                \
                "mov      r3, r1                \n"                                                \
                "ldrd     r1, r2, [sp, #8]      \n"                                                \
                "ldr      r0, [sp, #56]         \n"                                                \
                "str      r3, [sp, #12]         \n" OUTS "mov      r3, r2                \n"       \
                "mov      r2, r1                \n"                                                \
                "ldr      r1, [sp, #12]         \n"                                                \
                "ldr      r4, [sp, #52]         \n"                                                \
                "strd     r2, r3, [sp, #8]      \n"                                                \
                "cmp      r2, r4                \n"                                                \
                "bne      1b                    \n"                                                \
                "mov      r0, r1                \n"                                                \
                "add      sp, sp, #16           \n"                                                \
                "pop      {r4-r11, pc}          \n");                                              \
    }

#define NK_VECTORS(suffix, SIGN)                                                                   \
    NK_VECTOR(nk_vector_8##suffix, NK_VECTOR_STEP(NK_WORDS_8, NK_WORD), "128",                     \
              NK_STARTS_8(NK_START), NK_VECTOR_OUTS_8(NK_FINISH, SIGN))                            \
    NK_VECTOR(nk_vector_2##suffix, NK_VECTOR_STEP(NK_WORDS_2, NK_WORD), "48",                      \
              NK_STARTS_2(NK_START), NK_VECTOR_OUTS_2(NK_FINISH, SIGN))                            \
    NK_VECTOR(nk_vector_8_wide##suffix, NK_VECTOR_STEP(NK_WORDS_8, NK_WORD_WIDE), "160",           \
              NK_STARTS_8(NK_START_WIDE), NK_VECTOR_OUTS_8(NK_FINISH_WIDE, SIGN))                  \
    NK_VECTOR(nk_vector_2_wide##suffix, NK_VECTOR_STEP(NK_WORDS_2, NK_WORD_WIDE), "56",            \
              NK_STARTS_2(NK_START_WIDE), NK_VECTOR_OUTS_2(NK_FINISH_WIDE, SIGN))

NK_VECTORS(, NK_UNSIGNED)
NK_VECTORS(_signed, NK_SIGNED)

#endif
