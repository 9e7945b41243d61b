/* SPDX-License-Identifier: Apache-2.0 */
/* A board's start-up on the host: its registers are two functions of the test. */
#include "board_config.h"
#include "clock.h"
#include "registers.h"

typedef uint32_t (*reader)(uint32_t address);
typedef void (*writer)(uint32_t address, uint32_t value);

static reader read_model;
static writer write_model;

uint32_t nk_register_read(uint32_t address)
{
    return read_model(address);
}

void nk_register_write(uint32_t address, uint32_t value)
{
    write_model(address, value);
}

uint32_t start_up(reader read, writer write)
{
    static const nk_step steps[] = NK_BOARD_SETUP;
    read_model = read;
    write_model = write;
    return nk_steps_run(steps, sizeof steps / sizeof steps[0]);
}

const nk_clock_plan *clock_up(reader read, writer write)
{
    read_model = read;
    write_model = write;
    return nk_clock_start();
}
