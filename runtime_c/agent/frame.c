/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include "netsuke/crc32.h"

uint32_t nk_get_u32(const uint8_t *data)
{
    return (uint32_t)data[0] | ((uint32_t)data[1] << 8) | ((uint32_t)data[2] << 16) |
           ((uint32_t)data[3] << 24);
}

void nk_put_u32(uint8_t *data, uint32_t value)
{
    for (uint32_t i = 0; i < 4u; i++) {
        data[i] = (uint8_t)(value >> (8u * i));
    }
}

void nk_put_u64(uint8_t *data, uint64_t value)
{
    nk_put_u32(data, (uint32_t)value);
    nk_put_u32(data + 4, (uint32_t)(value >> 32));
}

uint32_t nk_crc32(const uint8_t *data, uint32_t size)
{
    return nk_crc32_of(0, data, size);
}

void nk_frame_start(nk_frame_parser *parser, uint8_t *data, uint32_t capacity)
{
    parser->data = data;
    parser->capacity = capacity;
    parser->size = 0;
    parser->code = 0;
    parser->left = 0;
    parser->dropped = 0;
}

static void append(nk_frame_parser *parser, uint8_t byte)
{
    if (parser->size == parser->capacity) {
        parser->dropped = 1;
        return;
    }
    parser->data[parser->size] = byte;
    parser->size++;
}

static nk_frame_status finish(nk_frame_parser *parser)
{
    uint32_t size = parser->size;
    int      whole = parser->left == 0u && !parser->dropped && size >= NK_FRAME_MIN_BYTES;
    int      empty = parser->code == 0u;
    nk_frame_start(parser, parser->data, parser->capacity);
    if (empty) {
        return NK_FRAME_MORE;
    }
    if (!whole) {
        return NK_FRAME_BAD;
    }
    size -= NK_FRAME_CRC_BYTES;
    if (nk_crc32(parser->data, size) != nk_get_u32(parser->data + size)) {
        return NK_FRAME_BAD;
    }
    parser->size = size;
    return NK_FRAME_GOOD;
}

nk_frame_status nk_frame_push(nk_frame_parser *parser, uint8_t byte)
{
    if (byte == 0u) {
        return finish(parser);
    }
    if (parser->code == 0u) { /* the first byte of a message: forget the one before */
        parser->size = 0;
    }
    if (parser->left > 0u) {
        append(parser, byte);
        parser->left--;
        return NK_FRAME_MORE;
    }
    if (parser->code != 0u && parser->code != 0xFFu) { /* the zero that ended the last block */
        append(parser, 0);
    }
    parser->code = byte;
    parser->left = (uint8_t)(byte - 1u);
    return NK_FRAME_MORE;
}

void nk_frame_send(uint8_t *message, uint32_t size, nk_frame_write write)
{
    static const uint8_t end = 0;
    nk_put_u32(message + size, nk_crc32(message, size));
    size += NK_FRAME_CRC_BYTES;
    write(&end, 1);
    uint32_t start = 0;
    int      open = 1; /* a message ending in a zero or in a full block needs one more block */
    while (open) {
        uint32_t run = 0;
        while (start + run < size && run < 254u && message[start + run] != 0u) {
            run++;
        }
        uint8_t code = (uint8_t)(run + 1u);
        write(&code, 1);
        write(message + start, run);
        open = start + run < size;
        start += run + (run < 254u ? 1u : 0u);
    }
    write(&end, 1);
}
