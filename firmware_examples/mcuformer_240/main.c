/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A camera in front of a vision transformer. The picture is never whole in memory: each of its rows
 * goes into the network as it comes from the camera, which here is the serial line.
 *
 * In: '?' asks how the board is: "ready\n", or "weights damaged\n" where the weights in external
 * flash are not those of the model. 'p' and 240 rows of 240 pixels, red, green and blue, 0 to 255,
 * is a picture: "scores\n" and the int8 scores of the 1000 classes.
 */
#include "mcuformer_240.h"
#include "netsuke/port.h"

/* Word by word, for the generated code wants 4-byte alignment. */
static uint32_t arena[(MCUFORMER_240_ARENA_BYTES + 3) / 4];

static void say(const char *line)
{
    uint32_t size = 0;
    while (line[size] != '\0') {
        size++;
    }
    nk_port_write((const uint8_t *)line, size);
}

/*
 * The input means pixel / 255 with scale 1/255 and zero point -128: its int8 value is pixel - 128.
 * A product would start the next row's DMA here and return the row that has come.
 */
static const int8_t *camera_row(void)
{
    static int8_t row[MCUFORMER_240_INPUT_ROW_BYTES];
    uint8_t       pixels[48];
    uint32_t      at = 0;
    while (at < sizeof row) {
        uint32_t left = (uint32_t)sizeof row - at;
        uint32_t got = nk_port_read(pixels, left < sizeof pixels ? left : sizeof pixels);
        for (uint32_t i = 0; i < got; i++) {
            row[at++] = (int8_t)(pixels[i] - 128);
        }
    }
    return row;
}

static void recognize(mcuformer_240 *model)
{
    for (uint32_t i = 0; i < MCUFORMER_240_INPUT_ROWS; i++) {
        mcuformer_240_push_rows(model, camera_row(), 1);
    }
    mcuformer_240_invoke(model);
    say("scores\n");
    nk_port_write((const uint8_t *)mcuformer_240_output(model), MCUFORMER_240_OUTPUT_BYTES);
}

int main(void)
{
    mcuformer_240 model;
    const int32_t intact = mcuformer_240_weights_intact();
    mcuformer_240_init(&model, arena);
    for (;;) {
        uint8_t command = 0;
        (void)nk_port_read(&command, 1);
        if (command == '?') {
            say(intact ? "ready\n" : "weights damaged\n");
        } else if (command == 'p' && intact) {
            recognize(&model);
        }
    }
}
