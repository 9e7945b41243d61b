/* SPDX-License-Identifier: Apache-2.0 */
/* columns.h for Armv7E-M, in assembly: a compiler spills the accumulators. */
#ifndef NETSUKE_COLUMNS_ARMV7EM_H
#define NETSUKE_COLUMNS_ARMV7EM_H

/* r0 columns, r1 weights, sums of the four channels in r8-r11 */
#define NK_ROW_PAIR                                                                                \
    "ldmia.w  r0!, {r2-r5}          \n"                                                            \
    "ldmia.w  r1!, {r6, r7, r12, lr} \n"                                                           \
    "smlad    r8, r2, r6, r8        \n"                                                            \
    "smlad    r9, r3, r7, r9        \n"                                                            \
    "smlad    r10, r4, r12, r10     \n"                                                            \
    "smlad    r11, r5, lr, r11      \n"

#define NK_LAST_ROW                                                                                \
    "ldmia.w  r0!, {r2, r3}         \n"                                                            \
    "ldmia.w  r1!, {r6, r7}         \n"                                                            \
    "smlabb   r8, r2, r6, r8        \n"                                                            \
    "smlabb   r9, r3, r7, r9        \n"                                                            \
    "smlatt   r10, r2, r6, r10      \n"                                                            \
    "smlatt   r11, r3, r7, r11      \n"

#define NK_COLUMN_OUT(sum, shift, multiplier, addend, at)                                          \
    "lsl      " sum ", " sum ", #1  \n"                                                            \
    "smmlar   " sum ", " sum ", " multiplier ", " addend " \n"                                     \
    "asr      " sum ", " sum ", " shift " \n"                                                      \
    "ssat     " sum ", #8, " sum ", asr #1 \n"                                                     \
    "strb     " sum ", " at "       \n"

#define NK_COLUMN_OUT_SIGNED(sum, shift, multiplier, addend, at)                                   \
    "add      lr, " addend ", " sum ", asr #31 \n" NK_COLUMN_OUT(sum, shift, multiplier, "lr", at)

#define NK_COLUMN_OUTS(OUT)                                                                        \
    "ldmia    r1!, {r2-r7}          \n" OUT("r8", "r2", "r3", "r4", "[r12]")                       \
        OUT("r9", "r5", "r6", "r7", "[r12, #1]") "ldmia    r1, {r2-r7}           \n" OUT(          \
            "r10", "r2", "r3", "r4", "[r12, #2]") OUT("r11", "r5", "r6", "r7", "[r12, #3]")

#define NK_COLUMN_OUT_ONCE(sum, multiplier, shift, at)                                             \
    NK_SCALE_ONCE(sum, multiplier, "r6", shift) "strb     " sum ", " at "       \n"
#define NK_COLUMN_OUTS_ONCE(shift)                                                                 \
    "ldmia.w  r1, {r2-r6}           \n" NK_COLUMN_OUT_ONCE("r8", "r2", shift, "[r12]")             \
        NK_COLUMN_OUT_ONCE("r9", "r3", shift, "[r12, #1]")                                         \
            NK_COLUMN_OUT_ONCE("r10", "r4", shift, "[r12, #2]")                                    \
                NK_COLUMN_OUT_ONCE("r11", "r5", shift, "[r12, #3]")

/*
 * Stack: entry, table, skip, stride, end, out, r4-r11, return; then the arguments end, skip,
 * kernel_w. Columns are entered so that kernel_w of the seven are left.
 */
#define NK_COLUMNS(name, COLUMN, column_bytes, OUTS)                                               \
    NK_NAKED void name(const uint32_t *x NK_UNUSED, const uint32_t *table NK_UNUSED,               \
                       int8_t *out NK_UNUSED, int32_t stride NK_UNUSED,                            \
                       const int8_t *end NK_UNUSED, int32_t skip NK_UNUSED,                        \
                       int32_t kernel_w NK_UNUSED)                                                 \
    {                                                                                              \
        __asm__(                                                                                   \
            "push     {r4-r11, lr}          \n"                                                    \
            "sub      sp, sp, #24           \n"                                                    \
            "ldr      r4, [sp, #68]         \n"                                                    \
            "adr.w    r5, 3f                \n"                                                    \
            "mov      r6, #" column_bytes " \n"                                                    \
            "mls      r5, r4, r6, r5        \n"                                                    \
            "orr      r5, r5, #1            \n"                                                    \
            "strd     r5, r1, [sp]          \n"                                                    \
            "ldrd     r5, r6, [sp, #60]     \n"                                                    \
            "strd     r6, r3, [sp, #8]      \n"                                                    \
            "strd     r5, r2, [sp, #16]     \n"                                                    \
            "1:                             \n"                                                    \
            "ldmia    r1!, {r8-r11}         \n"                                                    \
            "ldr      pc, [sp]              \n" COLUMN COLUMN COLUMN COLUMN COLUMN COLUMN COLUMN   \
            "3:                             \n"                                                    \
            "ldr      r12, [sp, #20]        \n" OUTS "ldrd     r1, r2, [sp, #4]      \n"           \
            "ldrd     r3, r4, [sp, #12]     \n"                                                    \
            "add      r0, r0, r2            \n"                                                    \
            "add      r12, r12, r3          \n"                                                    \
            "str      r12, [sp, #20]        \n"                                                    \
            "cmp      r12, r4               \n"                                                    \
            "bne      1b                    \n"                                                    \
            "add      sp, sp, #24           \n"                                                    \
            "pop      {r4-r11, pc}          \n");                                                  \
    }

#define NK_COLUMN_1 NK_LAST_ROW
#define NK_COLUMN_2 NK_ROW_PAIR
#define NK_COLUMN_3 NK_ROW_PAIR NK_LAST_ROW
#define NK_COLUMN_4 NK_ROW_PAIR NK_ROW_PAIR
#define NK_COLUMN_5 NK_ROW_PAIR NK_ROW_PAIR NK_LAST_ROW
#define NK_COLUMN_6 NK_ROW_PAIR NK_ROW_PAIR NK_ROW_PAIR
#define NK_COLUMN_7 NK_ROW_PAIR NK_ROW_PAIR NK_ROW_PAIR NK_LAST_ROW

#define NK_EACH_COLUMNS(kernel_h, COLUMN, column_bytes)                                            \
    NK_COLUMNS(nk_columns_##kernel_h, COLUMN, column_bytes, NK_COLUMN_OUTS(NK_COLUMN_OUT))         \
    NK_COLUMNS(nk_columns_##kernel_h##_signed, COLUMN, column_bytes,                               \
               NK_COLUMN_OUTS(NK_COLUMN_OUT_SIGNED))                                               \
    NK_COLUMNS(nk_columns_##kernel_h##_once_12, COLUMN, column_bytes, NK_COLUMN_OUTS_ONCE("12"))   \
    NK_COLUMNS(nk_columns_##kernel_h##_once_9, COLUMN, column_bytes, NK_COLUMN_OUTS_ONCE("9"))

NK_EACH_COLUMNS(1, NK_COLUMN_1, "24")
NK_EACH_COLUMNS(2, NK_COLUMN_2, "24")
NK_EACH_COLUMNS(3, NK_COLUMN_3, "48")
NK_EACH_COLUMNS(4, NK_COLUMN_4, "48")
NK_EACH_COLUMNS(5, NK_COLUMN_5, "72")
NK_EACH_COLUMNS(6, NK_COLUMN_6, "72")
NK_EACH_COLUMNS(7, NK_COLUMN_7, "96")

#define NK_TABLE_WORD(even, odd)                                                                   \
    "sxtb16   " even ", " odd "     \n"                                                            \
    "sxtb16   " odd ", " odd ", ror #8 \n"
#define NK_TABLE_WORD_ONCE(even, odd)                                                              \
    "lsl      " even ", " odd ", #8 \n"                                                            \
    "bic      " odd ", " odd ", #0x00FF00FF \n"                                                    \
    "bic      " even ", " even ", #0x00FF00FF \n"

#define NK_TABLE_BEGIN                                                                             \
    "asr      r4, r4, #8            \n"                                                            \
    "asr      r6, r6, #8            \n"                                                            \
    "asr      r8, r8, #8            \n"                                                            \
    "asr      r10, r10, #8          \n"

#define NK_TABLE_END                                                                               \
    "lsl      r12, r0, r4           \n"                                                            \
    "stmia    r2!, {r4, r5, r12}    \n"                                                            \
    "lsl      r12, r0, r6           \n"                                                            \
    "stmia    r2!, {r6, r7, r12}    \n"                                                            \
    "lsl      r12, r0, r8           \n"                                                            \
    "stmia    r2!, {r8, r9, r12}    \n"                                                            \
    "lsl      r12, r0, r10          \n"                                                            \
    "stmia    r2!, {r10, r11, r12}  \n"
#define NK_TABLE_END_ONCE                                                                          \
    "mov      r12, r0               \n"                                                            \
    "stmia    r2!, {r5, r7, r9, r11, r12} \n"

/* The table of four channels from n words of weights and eight of scaling; of _once, with weights
 * 256 times as large. */
#define NK_COLUMNS_TABLE(name, BEGIN, WORD, END)                                                   \
    NK_NAKED void name(const uint32_t *weights NK_UNUSED, const int32_t *scaling NK_UNUSED,        \
                       uint32_t *to NK_UNUSED, int32_t n NK_UNUSED, int32_t zero NK_UNUSED)        \
    {                                                                                              \
        __asm__("push     {r4-r11, lr}          \n"                                                \
                "ldmia    r1, {r4-r11}          \n" BEGIN "stmia    r2!, {r4, r6, r8, r10} \n"     \
                "1:                             \n"                                                \
                "subs     r3, r3, #3            \n"                                                \
                "blt      2f                    \n"                                                \
                "ldmia    r0!, {r5, r7, r9}     \n" WORD("r4", "r5") WORD("r6", "r7")              \
                    WORD("r8", "r9") "stmia    r2!, {r4-r9}          \n"                           \
                                     "b        1b                    \n"                           \
                                     "2:                             \n"                           \
                                     "adds     r3, r3, #3            \n"                           \
                                     "beq      4f                    \n"                           \
                                     "3:                             \n"                           \
                                     "ldr      r5, [r0], #4          \n" WORD(                     \
                                         "r4", "r5") "stmia    r2!, {r4, r5}         \n"           \
                                                     "subs     r3, r3, #1            \n"           \
                                                     "bne      3b                    \n"           \
                                                     "4:                             \n"           \
                                                     "ldr      r0, [sp, #36]         \n"           \
                                                     "ldmia    r1, {r4-r11}          \n" END       \
                                                     "pop      {r4-r11, pc}          \n");         \
    }

NK_COLUMNS_TABLE(nk_columns_table, NK_TABLE_BEGIN, NK_TABLE_WORD, NK_TABLE_END)
NK_COLUMNS_TABLE(nk_columns_table_once, "", NK_TABLE_WORD_ONCE, NK_TABLE_END_ONCE)

/* Two rows of n > 0 pixels in_c bytes apart: four words for each column, `step` bytes apart. */
NK_NAKED void nk_columns_pair(const int8_t *row_a NK_UNUSED, const int8_t *row_b NK_UNUSED,
                              uint32_t *to NK_UNUSED, int32_t n NK_UNUSED, int32_t in_c NK_UNUSED,
                              int32_t step NK_UNUSED)
{
    __asm__("push     {r4-r9, lr}           \n"
            "ldrd     r8, r9, [sp, #28]     \n"
            "mul      r3, r3, r8            \n"
            "mov      lr, #0                \n"
            "1:                             \n"
            "ldr      r6, [r0, lr]          \n"
            "ldr      r7, [r1, lr]          \n"
            "add      lr, lr, r8            \n"
            "pkhbt    r5, r6, r7, lsl #16   \n"
            "pkhtb    r7, r7, r6, asr #16   \n"
            "sxtb16   r4, r5                \n"
            "sxtb16   r5, r5, ror #8        \n"
            "sxtb16   r6, r7                \n"
            "sxtb16   r7, r7, ror #8        \n"
            "stmia    r2, {r4-r7}           \n"
            "add      r2, r2, r9            \n"
            "cmp      lr, r3                \n"
            "bne      1b                    \n"
            "pop      {r4-r9, pc}           \n");
}

/* A last row: two words for each column. */
NK_NAKED void nk_columns_last(const int8_t *row NK_UNUSED, uint32_t *to NK_UNUSED,
                              int32_t n NK_UNUSED, int32_t in_c NK_UNUSED, int32_t step NK_UNUSED)
{
    __asm__("push     {r4, r5, r6, lr}      \n"
            "ldr      r6, [sp, #16]         \n"
            "mul      r2, r2, r3            \n"
            "mov      lr, #0                \n"
            "1:                             \n"
            "ldr      r5, [r0, lr]          \n"
            "add      lr, lr, r3            \n"
            "sxtb16   r4, r5                \n"
            "sxtb16   r5, r5, ror #8        \n"
            "strd     r4, r5, [r1]          \n"
            "add      r1, r1, r6            \n"
            "cmp      lr, r2                \n"
            "bne      1b                    \n"
            "pop      {r4, r5, r6, pc}      \n");
}

/* Three rows at once, the most frequent case: six words for each column. */
NK_NAKED void nk_columns_three(const int8_t *row_a NK_UNUSED, const int8_t *row_b NK_UNUSED,
                               const int8_t *row_c NK_UNUSED, uint32_t *to NK_UNUSED,
                               int32_t n NK_UNUSED, int32_t in_c NK_UNUSED)
{
    __asm__("push     {r4-r11, lr}          \n"
            "ldrd     r10, r11, [sp, #36]   \n"
            "mul      r10, r10, r11         \n"
            "mov      lr, #0                \n"
            "1:                             \n"
            "ldr      r6, [r0, lr]          \n"
            "ldr      r7, [r1, lr]          \n"
            "ldr      r9, [r2, lr]          \n"
            "add      lr, lr, r11           \n"
            "pkhbt    r5, r6, r7, lsl #16   \n"
            "pkhtb    r7, r7, r6, asr #16   \n"
            "sxtb16   r4, r5                \n"
            "sxtb16   r5, r5, ror #8        \n"
            "sxtb16   r6, r7                \n"
            "sxtb16   r7, r7, ror #8        \n"
            "sxtb16   r8, r9                \n"
            "sxtb16   r9, r9, ror #8        \n"
            "stmia    r3!, {r4-r9}          \n"
            "cmp      lr, r10               \n"
            "bne      1b                    \n"
            "pop      {r4-r11, pc}          \n");
}

#endif
