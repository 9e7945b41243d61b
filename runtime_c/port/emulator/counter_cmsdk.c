/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 32-bit timer of the Arm FPGA images, counting down: Cortex-M System Design Kit TRM
 * (DDI 0479D), section 4.1. Under QEMU's -icount shift=0 an instruction takes one nanosecond of
 * the timer's time.
 */
#include "board_config.h"
#include "netsuke/port.h"
#include "startup.h"

#define REGISTER(offset) (*(volatile uint32_t *)(uintptr_t)(NK_COUNTER_BASE + (offset)))
#define CTRL             REGISTER(0x00u)
#define VALUE            REGISTER(0x04u)
#define RELOAD           REGISTER(0x08u)

void nk_counter_start(void)
{
    RELOAD = 0xFFFFFFFFu;
    VALUE = 0xFFFFFFFFu;
    CTRL = 1;
}

uint32_t nk_port_ticks(void)
{
    return ~VALUE;
}

void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = NK_UNIT_INSTRUCTIONS;
    facts->milliunits_per_tick = NK_COUNTER_MILLIUNITS_PER_TICK;
    nk_stack_bounds(&facts->stack_limit, &facts->stack_top);
}
