/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A streamed model written by hand: rows of 20 bytes, one layer that sums each row as it comes in
 * and one, at the end, that sums the sums. The output is the sums and their sum, modulo 256.
 */
#include <string.h>

#include "netsuke/model.h"

#define ROW  20u
#define ROWS 60u

static uint8_t arena[ROWS + 1u];
static uint8_t row_sum;

const nk_model_info nk_model = {
    .sha256 = {0x11},
    .arena_bytes = sizeof arena,
    .input_bytes = ROW * ROWS,
    .output_bytes = ROWS + 1u,
    .layers = 2,
    .streamed = 1,
};

uint8_t *nk_model_arena(void)
{
    return arena;
}

uint32_t nk_model_intact(void)
{
    return 1;
}

void nk_model_init(void)
{
    row_sum = 0;
}

void nk_model_write_input(uint32_t offset, const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        row_sum = (uint8_t)(row_sum + data[i]);
        if ((offset + i) % ROW == ROW - 1u) {
            uint32_t row = (offset + i) / ROW;
            arena[row] = row_sum;
            row_sum = 0;
            nk_on_rows(0, row, &arena[row], 1);
            nk_on_layer(0);
        }
    }
}

void nk_model_invoke(void)
{
    uint8_t sum = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        sum = (uint8_t)(sum + arena[i]);
    }
    arena[ROWS] = sum;
    nk_on_rows(1, 0, &arena[ROWS], 1);
    nk_on_layer(1);
}

void nk_model_read_output(uint32_t offset, uint8_t *data, uint32_t size)
{
    memcpy(data, arena + offset, size);
}
