/* SPDX-License-Identifier: Apache-2.0 */
/* A model written by hand whose weights lie in external flash: adds 40,000 of them to its input. */
#include "netsuke/model.h"

#define WEIGHTS 40000u

static const uint8_t weights[WEIGHTS]
    __attribute__((section(".nk_weights_ext"))) = {[0] = 5, [20000] = 7, [WEIGHTS - 1u] = 11};
static volatile uint8_t value;

const nk_model_info nk_model = {.arena_bytes = 1, .input_bytes = 1, .output_bytes = 1, .layers = 1};

uint8_t *nk_model_arena(void)
{
    static uint8_t arena[1];
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
    (void)offset;
    value = size > 0u ? data[0] : value;
}

void nk_model_invoke(void)
{
    for (uint32_t i = 0; i < WEIGHTS; i++) {
        value = (uint8_t)(value + weights[i]);
    }
    nk_on_layer(0);
}

void nk_model_read_output(uint32_t offset, uint8_t *data, uint32_t size)
{
    (void)offset;
    if (size > 0u) {
        data[0] = value;
    }
}
