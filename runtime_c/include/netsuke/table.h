/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_TABLE_H
#define NETSUKE_TABLE_H

#include "netsuke/kernel.h"

/*
 * Any function of one int8 number (RELU, LOGISTIC, requantization, ...) on a row of n numbers:
 * out = table[in + 128]. The output may be the input. No scratch.
 */
typedef struct {
    const int8_t *table;
    int32_t       n;
} nk_table;

NK_KERNEL void nk_table_row(const nk_table *p, const int8_t *const *in, int8_t *out, void *scratch);

#endif
