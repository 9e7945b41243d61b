/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the rescaling of the DSP kernels with TFLite's: requantize_sweep COUNT SEED prints the
 * first difference and ends with status 1, or ends with 0. Sums, multipliers, shifts and zero
 * points are random, and more often than not at their corners or near a tie.
 */
#include <stdio.h>
#include <stdlib.h>

#include "netsuke/dsp.h"
#include "netsuke/fixed_point.h"

static uint64_t state;

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* A sum below 2^30: of any size, or near one whose scaled value is a tie. */
static int32_t draw_sum(int32_t multiplier, int32_t shift)
{
    const int32_t any = (int32_t)(draw() << 1) >> (1 + draw() % 30);

    if ((draw() & 1u) == 0) {
        return any >> 1;
    }
    const int64_t step = (int64_t)(draw() % 512u) - 256;
    const double  tie = ((double)step + 0.5) * (double)(1 << shift) * 2147483648.0 / multiplier;
    const int64_t near = (int64_t)tie + (int64_t)(draw() % 5u) - 2;

    return near > -(1 << 30) && near < (1 << 30) ? (int32_t)near : any >> 1;
}

int main(int argc, char **argv)
{
    const long count = argc > 2 ? atol(argv[1]) : 0;

    state = argc > 2 ? (uint64_t)atol(argv[2]) * 2654435769u + 1u : 1u;
    for (long i = 0; i < count; i++) {
        const int32_t  multiplier = (int32_t)((draw() >> 2) | 0x40000000u);
        const uint32_t shift = 1u + draw() % 23u;
        const int32_t  zero_point = (draw() & 3u) == 0 ? -128 : (int32_t)(draw() % 256u) - 128;
        const int32_t  sum = draw_sum(multiplier, (int32_t)shift);
        const int32_t  scaled = nk_multiply(sum, multiplier, -(int32_t)shift) + zero_point;
        const int32_t  addend = (int32_t)((uint32_t)(2 * zero_point + 1) << shift) >> 1;
        const int32_t  exact = nk_scale_doubled(2 * sum, shift, multiplier, addend, -1);
        const int32_t  relu = nk_scale_doubled(2 * sum, shift, multiplier, addend, 0);
        const int32_t  bounded = nk_limit(scaled, -128, 127);

        if (exact != bounded ||
            nk_limit(relu, zero_point, 127) != nk_limit(bounded, zero_point, 127)) {
            printf("sum %d multiplier %d shift %u zero point %d: %d %d, want %d\n", (int)sum,
                   (int)multiplier, (unsigned)shift, (int)zero_point, (int)exact, (int)relu,
                   (int)bounded);
            return 1;
        }
    }
    return 0;
}
