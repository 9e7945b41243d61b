/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system counter of Arm's SSE-300: SSE-300 Example Subsystem TRM (101773), system counter and
 * timer. Under QEMU's -icount shift=0 an instruction takes one nanosecond of the counter's time.
 */
#include "board_config.h"
#include "netsuke/port.h"
#include "startup.h"

#define CNTCR  (*(volatile uint32_t *)(uintptr_t)NK_COUNTER_CONTROL)
#define CNTPCT (*(volatile uint32_t *)(uintptr_t)NK_COUNTER_BASE) /* the low word */

void nk_counter_start(void)
{
    CNTCR = 1;
}

uint32_t nk_port_ticks(void)
{
    return CNTPCT;
}

void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = NK_UNIT_INSTRUCTIONS;
    facts->milliunits_per_tick = NK_COUNTER_MILLIUNITS_PER_TICK;
    nk_stack_bounds(&facts->stack_limit, &facts->stack_top);
}
