/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz entry of the agent, for libFuzzer (clang -fsanitize=fuzzer,address,undefined). The input is
 * what a host sends: records of a length and that many bytes, the lowest bit of the length saying
 * whether they go on the line as they are or as a message in a frame, whose CRC is right then.
 */
#include "agent_library.c"

static uint8_t  line[4096];
static uint32_t line_size;

static void to_line(const uint8_t *data, uint32_t size)
{
    if (size <= sizeof line - line_size) {
        memcpy(line + line_size, data, size);
        line_size += size;
    }
}

static void feed(const uint8_t *data, uint32_t size, int framed)
{
    uint8_t  message[256 + NK_FRAME_CRC_BYTES];
    uint32_t answered;

    if (!framed) {
        agent_feed(data, size, &answered);
        return;
    }
    memcpy(message, data, size);
    line_size = 0;
    nk_frame_send(message, size, to_line);
    agent_feed(line, line_size, &answered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    agent_reset();
    for (size_t at = 0; at < size;) {
        const int      framed = data[at] & 1;
        const size_t   length = data[at] / 2u;
        const size_t   rest = size - at - 1u;
        const uint32_t taken = (uint32_t)(length < rest ? length : rest);

        feed(data + at + 1u, taken, framed);
        at += 1u + taken;
    }
    return 0;
}
