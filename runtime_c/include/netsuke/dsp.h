/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernels for Armv7E-M's DSP extension are written with.
 *
 * On a core with the extension these are single instructions, elsewhere the same arithmetic in C,
 * so that these kernels run under a host's sanitizers too. A pair is two int16 lanes in 32 bits.
 */
#ifndef NETSUKE_DSP_H
#define NETSUKE_DSP_H

#include <string.h>

#include "netsuke/kernel.h"

/*
 * Functions that exist once for each translation unit, however many layers call them; and such
 * that take a small part of the time, so that they had better be small.
 */
#if defined(__clang__)
#define NK_SHARED static __attribute__((noinline, unused))
#else
#define NK_SHARED static __attribute__((noinline, noclone, unused))
#endif
#define NK_SMALL  NK_SHARED __attribute__((cold))
#define NK_UNUSED __attribute__((unused))

/* Functions whose arguments choose a function: inlined, so that no call is indirect. */
#define NK_ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * Functions in assembly. Callers must not be compiled with knowledge of their insides (noipa),
 * since a compiler sees neither the registers nor the memory that assembly uses. Aligned, since adr
 * counts from a multiple of four, which -Os alone does not keep.
 */
#if defined(__clang__)
#define NK_NAKED static __attribute__((naked, noinline, unused, aligned(4)))
#else
#define NK_NAKED static __attribute__((naked, noinline, unused, noipa, aligned(4)))
#endif

/* Four bytes from any address, in memory order from the lowest byte of the result. */
static inline uint32_t nk_load4(const int8_t *from)
{
    uint32_t word;

    memcpy(&word, from, sizeof word);
    return word;
}

static inline int32_t nk_low_lane(uint32_t pair)
{
    return (int16_t)(uint16_t)(pair & 0xFFFFu);
}

static inline int32_t nk_high_lane(uint32_t pair)
{
    return (int16_t)(uint16_t)(pair >> 16);
}

/* PKHBT: lanes (low of a, low of b). */
static inline uint32_t nk_pair(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xFFFFu) | ((uint32_t)high << 16);
}

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* Bytes 0 and 2 as a pair of signed lanes. */
static inline uint32_t nk_sxtb16(uint32_t x)
{
    uint32_t r;

    __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(x));
    return r;
}

/* Bytes 1 and 3 as a pair of signed lanes. */
static inline uint32_t nk_sxtb16_ror8(uint32_t x)
{
    uint32_t r;

    __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x));
    return r;
}

/* SMLAL: sum + a * b. For constant b, compilers choose four other instructions. */
static inline int64_t nk_smlal(int64_t sum, int32_t a, int32_t b)
{
    __asm__("smlal %Q0, %R0, %1, %2" : "+r"(sum) : "r"(a), "r"(b));
    return sum;
}

/* SSAT */
static inline int8_t nk_saturate(int32_t x)
{
    int32_t r;

    __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(x));
    return (int8_t)r;
}

/*
 * An int8 output from twice its sum: SMMLAR, ASR, SSAT. `addend` is half of 2^shift and the
 * output's zero point, shifted left; `sign` is -1 to round ties of negative numbers away from zero,
 * as TFLite does, 0 where such outputs are clamped anyway.
 *
 * floor((x + 2^30) / 2^31), then the same with 2^shift, are one floor of a sum: SMMLAR's addend
 * carries the second half and the zero point.
 */
static inline int8_t nk_scale_doubled(int32_t twice, uint32_t shift, int32_t multiplier,
                                      int32_t addend, int32_t sign)
{
    int32_t r;

    __asm__("smmlar %0, %1, %2, %3"
            : "=r"(r)
            : "r"(twice), "r"(multiplier), "r"(addend + (twice >> 31 & sign)));
    return nk_saturate(r >> shift);
}

#else

static inline uint32_t nk_sxtb16(uint32_t x)
{
    return nk_pair((int8_t)(uint8_t)(x & 0xFFu), (int8_t)(uint8_t)((x >> 16) & 0xFFu));
}

static inline uint32_t nk_sxtb16_ror8(uint32_t x)
{
    return nk_sxtb16((x >> 8) | (x << 24));
}

static inline int64_t nk_smlal(int64_t sum, int32_t a, int32_t b)
{
    return sum + (int64_t)a * b;
}

static inline int8_t nk_saturate(int32_t x)
{
    return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x);
}

/* sum + a.low * b.low + a.high * b.high, modulo 2^32 */
static inline uint32_t nk_smlad(uint32_t a, uint32_t b, uint32_t sum)
{
    return sum + (uint32_t)(nk_low_lane(a) * nk_low_lane(b)) +
           (uint32_t)(nk_high_lane(a) * nk_high_lane(b));
}

static inline int8_t nk_scale_doubled(int32_t twice, uint32_t shift, int32_t multiplier,
                                      int32_t addend, int32_t sign)
{
    const int64_t product = (int64_t)twice * multiplier + (INT64_C(1) << 31);
    const int64_t out = ((product >> 32) + addend + (twice < 0 ? sign : 0)) >> shift;

    return nk_saturate((int32_t)out);
}

#endif

/*
 * An int8 output from 256 times its sum, rounded once: SMMLA, SSAT. `addend` is 2 * zero point + 1,
 * shifted to the left by shift - 1. compiler/ops/once.py says for which multipliers this is what
 * rounding twice gives.
 */
static inline int8_t nk_scale_once(int32_t word, int32_t multiplier, int32_t addend, int32_t shift)
{
    const int32_t high = (int32_t)(((int64_t)word * multiplier) >> 32);

    return nk_saturate((high + addend) >> shift);
}

/* The same in assembly, in the register of the sum. */
#define NK_SCALE_ONCE(sum, multiplier, addend, shift)                                              \
    "smmla    " sum ", " sum ", " multiplier ", " addend " \n"                                     \
    "ssat     " sum ", #8, " sum ", asr #" shift " \n"

static inline int32_t nk_limit(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/*
 * Short copies and fills, for which a call of the C library's would take longer (and which
 * compilers would turn into one, were they plain loops); return the end.
 */
static inline int8_t *nk_copy_bytes(int8_t *to, const int8_t *from, int32_t n)
{
    for (; n >= 4; n -= 4, to += 4, from += 4) {
        const uint32_t word = nk_load4(from);

        memcpy(to, &word, sizeof word);
    }
    if ((n & 2) != 0) {
        *to++ = *from++;
        *to++ = *from++;
    }
    if ((n & 1) != 0) {
        *to++ = *from;
    }
    return to;
}

static inline int8_t *nk_fill_bytes(int8_t *to, int32_t value, int32_t n)
{
    const uint32_t word = ((uint32_t)value & 0xFFu) * 0x01010101u;

    for (; n >= 4; n -= 4, to += 4) {
        memcpy(to, &word, sizeof word);
    }
    if ((n & 2) != 0) {
        *to++ = (int8_t)value;
        *to++ = (int8_t)value;
    }
    if ((n & 1) != 0) {
        *to++ = (int8_t)value;
    }
    return to;
}

/* Clamps n outputs to [low, high]: for activations that int8's own range does not clamp. */
NK_SHARED void nk_clamp_outputs(int8_t *out, int32_t n, int32_t low, int32_t high)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = (int8_t)nk_limit(out[i], low, high);
    }
}

#endif
