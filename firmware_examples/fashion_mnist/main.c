/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A product around a generated model: a picture comes in over the serial line, the name of what it
 * shows goes out.
 *
 * In: 28 x 28 grey pixels, 0 black to 255 white, row by row, nothing between pictures.
 * Out: "ready\n" once after reset, then one line for each picture.
 */
#include "fashion_mnist.h"
#include "netsuke/port.h"

static const char *const labels[10] = {
    "T-shirt/top\n", "trouser\n", "pullover\n", "dress\n", "coat\n",
    "sandal\n",      "shirt\n",   "sneaker\n",  "bag\n",   "ankle boot\n",
};

/* The model needs no heap and no globals of its own: its memory is whatever the product gives it.
 */
static uint8_t arena[FASHION_MNIST_ARENA_BYTES] __attribute__((aligned(16)));

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
 * Returns 0 when the line has closed, which only happens on a host.
 */
static int receive_picture(int8_t *input)
{
    uint8_t  pixels[64];
    uint32_t got = 0;
    for (uint32_t left = FASHION_MNIST_INPUT_BYTES; left != 0; left -= got) {
        got = nk_port_read(pixels, left < sizeof pixels ? left : sizeof pixels);
        if (got == 0) {
            return 0;
        }
        for (uint32_t i = 0; i < got; i++) {
            *input++ = (int8_t)(pixels[i] - 128);
        }
    }
    return 1;
}

static uint32_t most_probable(const int8_t *probabilities)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < 10; i++) {
        if (probabilities[i] > probabilities[best]) {
            best = i;
        }
    }
    return best;
}

int main(void)
{
    fashion_mnist model;
    nk_port_init();
    fashion_mnist_init(&model, arena);
    say("ready\n");
    while (receive_picture(fashion_mnist_input(&model))) {
        fashion_mnist_invoke(&model);
        say(labels[most_probable(fashion_mnist_output(&model))]);
    }
    return 0;
}
