/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of three layers written by hand: add one, negate, add the position. It stands where the
 * generated glue of a real model stands. The last byte of the output counts the inferences since
 * the start. An input that begins with "bus" writes to an address without memory, one that begins
 * with "deep" overflows the stack.
 */
#include <string.h>

#include "netsuke/model.h"

#define SIZE 1200u

static uint8_t           arena[2u * SIZE + 64u]; /* the last 64 bytes stay untouched */
static uint8_t           inferences;
static volatile uint32_t sink;
static uint8_t *const    buffers[2] = {arena, arena + SIZE};

static const uint8_t  weights[SIZE] __attribute__((section(".rodata.nk_weights.add"))) = {1, 2, 3};
static const uint32_t params[4] __attribute__((section(".rodata.nk_params.add"))) = {1, 0, 0, 0};

const nk_model_info nk_model = {
    .sha256 = {0xAA, 0xBB, 0xCC},
    .arena_bytes = sizeof arena,
    .input_bytes = SIZE,
    .output_bytes = SIZE,
    .layers = 3,
    .streamed = 0,
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
}

void nk_model_write_input(uint32_t offset, const uint8_t *data, uint32_t size)
{
    memcpy(buffers[0] + offset, data, size);
}

void nk_model_read_output(uint32_t offset, uint8_t *data, uint32_t size)
{
    memcpy(data, buffers[1] + offset, size);
}

static void finish(uint32_t layer, const uint8_t *data)
{
    nk_on_rows(layer, 0, data, SIZE);
    nk_on_layer(layer);
}

static uint32_t deeper(uint32_t level)
{
    volatile uint8_t filler[64];
    filler[level % 64u] = (uint8_t)level;
    return level == 0xFFFFFFFFu ? 0u : deeper(level + 1u) + filler[0];
}

void nk_model_invoke(void)
{
    uint8_t *a = buffers[0];
    uint8_t *b = buffers[1];
    if (memcmp(a, "bus", 3) == 0) {
        *(volatile uint32_t *)(uintptr_t)0xF0000000u = 1;
    }
    if (memcmp(a, "deep", 4) == 0) {
        sink = deeper(a[4]);
    }
    for (uint32_t i = 0; i < SIZE; i++) {
        b[i] = (uint8_t)(a[i] + params[0]);
    }
    finish(0, b);
    for (uint32_t i = 0; i < SIZE; i++) {
        a[i] = (uint8_t)(0u - b[i]);
    }
    finish(1, a);
    for (uint32_t i = 0; i < SIZE; i++) {
        b[i] = (uint8_t)(a[i] + i + (i < 3u ? weights[i] : 0u));
    }
    b[SIZE - 1u] = ++inferences;
    finish(2, b);
}
