/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a piece of memory was ever written: filled with a pattern before, searched after.
 * A last byte that happens to equal the pattern is not seen, so the answer may be a few bytes low.
 */
#ifndef NETSUKE_WATERMARK_H
#define NETSUKE_WATERMARK_H

#include <stdint.h>

void     nk_paint(uint8_t *memory, uint32_t size);
uint32_t nk_painted_used(const uint8_t *memory, uint32_t size); /* highest changed byte, plus 1 */

/*
 * Paints the stack from `limit` up to some 100 bytes below the caller's frame. Nothing is done,
 * and nothing found used, where `limit` is NULL. nk_stack_used: bytes used below `base`.
 */
void     nk_paint_stack(uint8_t *limit);
uint32_t nk_stack_used(const uint8_t *limit, const uint8_t *base);

#endif
