/* SPDX-License-Identifier: Apache-2.0 */
/* Portable AVERAGE_POOL_2D; the contract is in netsuke/average_pool_2d.h. */
#include "netsuke/average_pool_2d.h"

#include "netsuke/fixed_point.h"

/* The columns [*first, *end) of the input that output column x covers. */
static inline void nk_average_pool_2d_columns(const nk_average_pool_2d *p, int32_t x,
                                              int32_t *first, int32_t *end)
{
    const int32_t left = x * p->stride_w - p->pad_left;
    const int32_t right = left + p->kernel_w;

    *first = left < 0 ? 0 : left;
    *end = right > p->in_w ? p->in_w : right;
}

static inline int8_t nk_average_pool_2d_divide(const nk_average_pool_2d *p, int32_t sum,
                                               int32_t count)
{
    const int32_t half = count / 2;

    return (int8_t)nk_clamp((sum > 0 ? sum + half : sum - half) / count, p->low, p->high);
}

/* The sum of `columns` elements, `channels` apart, of each of the rows that exist. */
static inline int32_t nk_average_pool_2d_sum(const nk_average_pool_2d *p, const int8_t *const *in,
                                             int32_t start, int32_t columns)
{
    int32_t sum = 0;

    for (int32_t y = 0; y < p->kernel_h; y++) {
        if (in[y] != NULL) {
            const int8_t *x = in[y] + start;

            for (int32_t i = 0; i < columns; i++) {
                sum += *x;
                x += p->channels;
            }
        }
    }
    return sum;
}

NK_KERNEL void nk_average_pool_2d_row(const nk_average_pool_2d *p, const int8_t *const *in,
                                      int8_t *out, void *scratch, int32_t row)
{
    int32_t rows = 0;

    (void)scratch;
    for (int32_t y = 0; y < p->kernel_h; y++) {
        rows += in[y] != NULL ? 1 : 0;
    }
    for (int32_t x = 0; x < p->out_w; x++) {
        int32_t first, end;

        nk_average_pool_2d_columns(p, p->by_pixel != 0 ? row : x, &first, &end);
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t sum = nk_average_pool_2d_sum(p, in, first * p->channels + c, end - first);

            *out++ = nk_average_pool_2d_divide(p, sum, rows * (end - first));
        }
    }
}

NK_KERNEL void nk_average_pool_2d_accumulate(const nk_average_pool_2d *p, const int8_t *row,
                                             int32_t *acc)
{
    int32_t first, end;

    nk_average_pool_2d_columns(p, 0, &first, &end);
    for (int32_t i = first; i < end; i++) {
        for (int32_t c = 0; c < p->channels; c++) {
            acc[c] += row[i * p->channels + c];
        }
    }
}

NK_KERNEL void nk_average_pool_2d_finish(const nk_average_pool_2d *p, const int32_t *acc,
                                         int8_t *out)
{
    int32_t first, end;

    nk_average_pool_2d_columns(p, 0, &first, &end);
    for (int32_t c = 0; c < p->channels; c++) {
        out[c] = nk_average_pool_2d_divide(p, acc[c], p->kernel_h * (end - first));
    }
}
