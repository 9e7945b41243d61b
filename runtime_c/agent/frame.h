/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on a byte stream that may lose or damage bytes.
 *
 *     message   = kind (1 byte), sequence (4 bytes), body, CRC-32 of all before it (4 bytes)
 *     on a wire = 0x00, COBS(message), 0x00
 *
 * All numbers are little-endian. COBS takes the zeros out of the message, so a zero is always an
 * end and a receiver that lost its place finds it again at the next one. CRC-32 is the one of
 * IEEE 802.3 (zlib's crc32).
 */
#ifndef NETSUKE_FRAME_H
#define NETSUKE_FRAME_H

#include <stdint.h>

#define NK_FRAME_HEADER_BYTES 5u
#define NK_FRAME_CRC_BYTES    4u
#define NK_FRAME_MIN_BYTES    (NK_FRAME_HEADER_BYTES + NK_FRAME_CRC_BYTES)

typedef enum {
    NK_FRAME_MORE, /* nothing to act on yet */
    NK_FRAME_GOOD, /* a whole message with the right CRC is in `data`; `size` excludes the CRC */
    NK_FRAME_BAD   /* a message ended that was damaged, cut short or too long */
} nk_frame_status;

typedef struct {
    uint8_t *data;
    uint32_t capacity;
    uint32_t size;    /* bytes decoded so far, the CRC included */
    uint8_t  code;    /* COBS code of the block being read, 0 before the first */
    uint8_t  left;    /* bytes of that block still to come */
    uint8_t  dropped; /* the message did not fit */
} nk_frame_parser;

typedef void (*nk_frame_write)(const uint8_t *data, uint32_t size);

uint32_t nk_crc32(const uint8_t *data, uint32_t size);

/* `data` must outlive the parser. After GOOD or BAD the next byte starts a new message. */
void            nk_frame_start(nk_frame_parser *parser, uint8_t *data, uint32_t capacity);
nk_frame_status nk_frame_push(nk_frame_parser *parser, uint8_t byte);

/*
 * Sends the `size` bytes of a message (header and body). `message` must have room for
 * NK_FRAME_CRC_BYTES more bytes, where the CRC is put.
 */
void nk_frame_send(uint8_t *message, uint32_t size, nk_frame_write write);

uint32_t nk_get_u32(const uint8_t *data);
void     nk_put_u32(uint8_t *data, uint32_t value);
void     nk_put_u64(uint8_t *data, uint64_t value);

#endif
