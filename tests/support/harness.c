/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a generated model on the host: vectors from standard input, records to standard output.
 *
 * Each vector is nk_model.input_bytes long. The arena is filled with 0xA5 before each. A record is
 * three 32-bit numbers (layer, offset, size) and the bytes; the output is layer 0xFFFFFFFF, and
 * after it come layer 0xFFFFFFFE with the number of arena bytes up to the last one changed, and
 * layer 0xFFFFFFFD with the arena as it is then.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netsuke/model.h"

static void record(uint32_t layer, uint32_t offset, const void *data, uint32_t size)
{
    uint32_t head[3] = {layer, offset, size};
    fwrite(head, sizeof head, 1, stdout);
    fwrite(data, 1, size, stdout);
}

void nk_on_layer(uint32_t layer)
{
    (void)layer;
}

void nk_on_rows(uint32_t layer, uint32_t offset, const void *data, uint32_t size)
{
    record(layer, offset, data, size);
}

int main(void)
{
    uint8_t *input = malloc(nk_model.input_bytes);
    uint8_t *output = malloc(nk_model.output_bytes);

    while (fread(input, 1, nk_model.input_bytes, stdin) == nk_model.input_bytes) {
        uint32_t used = nk_model.arena_bytes;
        memset(nk_model_arena(), 0xA5, nk_model.arena_bytes);
        nk_model_init();
        nk_model_write_input(0, input, nk_model.input_bytes);
        nk_model_invoke();
        nk_model_read_output(0, output, nk_model.output_bytes);
        record(0xFFFFFFFFu, 0, output, nk_model.output_bytes);
        while (used > 0 && nk_model_arena()[used - 1] == 0xA5) {
            used--;
        }
        record(0xFFFFFFFEu, used, "", 0);
        record(0xFFFFFFFDu, 0, nk_model_arena(), nk_model.arena_bytes);
    }
    free(input);
    free(output);
    return 0;
}
