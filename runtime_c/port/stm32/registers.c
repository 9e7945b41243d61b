/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

/* Above any flag's time: the slowest oscillator takes 10 ms, a try 10 cycles of 16 MHz or more. */
#define TRIES 100000u

static uint32_t await(const nk_step *step)
{
    for (uint32_t i = 0; i < TRIES; i++) {
        if ((nk_register_read(step->address) & step->mask) == step->value) {
            return 0;
        }
    }
    return 1;
}

static void change(const nk_step *step)
{
    uint32_t value = nk_register_read(step->address);
    nk_register_write(step->address, (value & ~step->mask) | step->value);
    (void)nk_register_read(step->address); /* a clock enable takes effect after a read back */
}

uint32_t nk_steps_run(const nk_step *steps, uint32_t count)
{
    uint32_t given_up = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].kind == NK_CHANGE) {
            change(&steps[i]);
        } else if (steps[i].kind == NK_AWAIT) {
            given_up += await(&steps[i]);
        } else {
            for (volatile uint32_t round = 0; round < steps[i].value; round++) {
            }
        }
    }
    return given_up;
}
