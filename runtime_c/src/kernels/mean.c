/* SPDX-License-Identifier: Apache-2.0 */
/* Portable MEAN and SUM; the contract is in netsuke/mean.h. */
#include "netsuke/mean.h"

#include "netsuke/fixed_point.h"

/* The sum over axes reduced1 and reduced2. */
static inline int32_t nk_mean_sum(const nk_mean *p, const int8_t *x)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->reduced1; i++) {
        const int8_t *y = x + i * p->reduced1_stride;

        for (int32_t k = 0; k < p->reduced2; k++) {
            sum += *y;
            y += p->reduced2_stride;
        }
    }
    return sum;
}

static inline int8_t nk_mean_scale(const nk_mean *p, int32_t sum)
{
    const int32_t scaled = nk_multiply(sum - p->offset, p->multiplier, p->shift);

    return (int8_t)nk_clamp(scaled + p->out_zero_point, -128, 127);
}

NK_KERNEL void nk_mean_row(const nk_mean *p, const int8_t *const *in, int8_t *out, void *scratch,
                           int32_t row)
{
    const int8_t *first = in[0] + row * p->row_stride;

    (void)scratch;
    for (int32_t i = 0; i < p->kept0; i++) {
        for (int32_t k = 0; k < p->kept1; k++) {
            const int8_t *x = first + i * p->kept0_stride + k * p->kept1_stride;
            int32_t       sum = 0;

            for (int32_t r = 0; r < p->reduced0; r++) {
                sum += nk_mean_sum(p, x + r * p->reduced0_stride);
            }
            *out++ = nk_mean_scale(p, sum);
        }
    }
}

NK_KERNEL void nk_mean_accumulate(const nk_mean *p, const int8_t *row, int32_t *acc)
{
    for (int32_t i = 0; i < p->kept0; i++) {
        for (int32_t k = 0; k < p->kept1; k++) {
            *acc++ += nk_mean_sum(p, row + i * p->kept0_stride + k * p->kept1_stride);
        }
    }
}

NK_KERNEL void nk_mean_finish(const nk_mean *p, const int32_t *acc, int8_t *out)
{
    for (int32_t i = 0; i < p->kept0 * p->kept1; i++) {
        out[i] = nk_mean_scale(p, acc[i]);
    }
}
