/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz entry of the frame parser, for libFuzzer (clang -fsanitize=fuzzer) and, with main, for
 * bytes on standard input. Any bytes go in as a line's bytes; whatever comes out as a good message
 * must come out again after it was sent.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define CAPACITY 64u

static uint8_t  wire[4u * CAPACITY];
static uint32_t wire_size;

static void to_wire(const uint8_t *data, uint32_t size)
{
    assert(wire_size + size <= sizeof wire);
    memcpy(wire + wire_size, data, size);
    wire_size += size;
}

static void send_and_receive(const uint8_t *message, uint32_t size)
{
    uint8_t  sent[CAPACITY], received[CAPACITY];
    uint32_t good = 0;
    memcpy(sent, message, size);
    wire_size = 0;
    nk_frame_send(sent, size, to_wire);
    nk_frame_parser parser;
    nk_frame_start(&parser, received, sizeof received);
    for (uint32_t i = 0; i < wire_size; i++) {
        nk_frame_status status = nk_frame_push(&parser, wire[i]);
        assert(status != NK_FRAME_BAD);
        good += status == NK_FRAME_GOOD;
    }
    assert(good == 1u && parser.size == size && memcmp(received, message, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t         buffer[CAPACITY];
    nk_frame_parser parser;
    nk_frame_start(&parser, buffer, sizeof buffer);
    for (size_t i = 0; i < size; i++) {
        if (nk_frame_push(&parser, data[i]) == NK_FRAME_GOOD) {
            send_and_receive(parser.data, parser.size);
        }
    }
    if (size >= NK_FRAME_HEADER_BYTES && size <= CAPACITY - NK_FRAME_CRC_BYTES) {
        send_and_receive(data, (uint32_t)size);
    }
    return 0;
}

#ifndef NO_MAIN
int main(void)
{
    static uint8_t data[1u << 24];
    size_t         size = fread(data, 1, sizeof data, stdin);
    /* Records: two bytes of length, then that many bytes. */
    for (size_t at = 0; at + 2u <= size;) {
        size_t length = (size_t)data[at] + 256u * data[at + 1u];
        at += 2u;
        length = length < size - at ? length : size - at;
        uint8_t *copy = malloc(length + 1u); /* of this size, so that ASan sees its end */
        memcpy(copy, data + at, length);
        LLVMFuzzerTestOneInput(copy, length);
        free(copy);
        at += length;
    }
    return 0;
}
#endif
