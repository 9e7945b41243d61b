/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's cycle counter: Armv7-M Architecture Reference Manual (DDI 0403E), section C1.8.
 * It reads as zero in an emulator; so firmware that may run in one has a timer to fall back on,
 * and what it then counts is instructions.
 */
#include "board_config.h"
#include "clock.h"
#include "netsuke/port.h"
#include "startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define DEMCR             REGISTER(0xE000EDFCu)
#define DWT_CTRL          REGISTER(0xE0001000u)
#define DWT_CYCCNT        REGISTER(0xE0001004u)
#define DWT_LAR           REGISTER(0xE0001FB0u) /* Cortex-M7 locks the unit; elsewhere not there */

static uint32_t counter; /* address of the register that counts */

void nk_counter_start(void)
{
    DEMCR |= 1u << 24;
    DWT_LAR = 0xC5ACCE55u;
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
    counter = 0xE0001004u;
    for (uint32_t i = 0; i < 16u; i++) {
        __asm__ volatile("nop");
    }
    if (DWT_CYCCNT == 0u && NK_EMULATED_COUNTER != 0u) {
        counter = NK_EMULATED_COUNTER;
    }
}

uint32_t nk_port_ticks(void)
{
    return REGISTER(counter);
}

void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = counter == NK_EMULATED_COUNTER ? NK_UNIT_INSTRUCTIONS : NK_UNIT_CYCLES;
    facts->milliunits_per_tick = 1000;
    facts->clock_hz = nk_clock_hz();
    nk_stack_bounds(&facts->stack_limit, &facts->stack_top);
}
