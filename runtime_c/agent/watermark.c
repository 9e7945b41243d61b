/* SPDX-License-Identifier: Apache-2.0 */
#include "watermark.h"

#include <stddef.h>

#define PATTERN 0xA5u

/* The stack of nk_paint_stack itself and of what it calls; not painted. */
#define OWN_FRAME_BYTES 96u

void nk_paint(uint8_t *memory, uint32_t size)
{
    volatile uint8_t *byte = memory; /* not memset: its frame might lie in what is painted */
    for (uint32_t i = 0; i < size; i++) {
        byte[i] = PATTERN;
    }
}

uint32_t nk_painted_used(const uint8_t *memory, uint32_t size)
{
    while (size > 0u && memory[size - 1u] == PATTERN) {
        size--;
    }
    return size;
}

void nk_paint_stack(uint8_t *limit)
{
    if (limit == NULL) {
        return;
    }
    uint8_t here = 0;
    nk_paint(limit, (uint32_t)((uintptr_t)&here - (uintptr_t)limit) - OWN_FRAME_BYTES);
}

uint32_t nk_stack_used(const uint8_t *limit, const uint8_t *base)
{
    if (limit == NULL) {
        return 0;
    }
    uint32_t size = (uint32_t)((uintptr_t)base - (uintptr_t)limit);
    uint32_t untouched = 0;
    while (untouched < size && limit[untouched] == PATTERN) {
        untouched++;
    }
    return size - untouched;
}
