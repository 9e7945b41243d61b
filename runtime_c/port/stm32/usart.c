/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A polled USART of any STM32. Clocks, pins and enabling are writes to registers that differ from
 * part to part: they come as a table from the board file. Here is only what every USART shares:
 * the baud rate is a divider of its clock, set before it is on; bit 5 of the status register says a
 * byte has come, bit 7 that one may be sent.
 */
#include "board_config.h"
#include "clock.h"
#include "netsuke/port.h"
#include "registers.h"
#include "startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define STATUS_RECEIVED   0x20u
#define STATUS_EMPTY      0x80u

void nk_port_init(void)
{
    static const nk_step steps[] = NK_BOARD_SETUP;
    const nk_clock_plan *clock = nk_clock_start();
    nk_interrupt_watch(NK_USART_INTERRUPT);
    (void)nk_steps_run(steps, sizeof steps / sizeof steps[0]);
    nk_register_write(NK_USART_DIVIDER, clock->usart_divider);
    nk_register_write(NK_USART_CONTROL, NK_USART_ON);
    nk_counter_start();
}

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    (void)capacity;
    while ((REGISTER(NK_USART_STATUS) & STATUS_RECEIVED) == 0u) {
        nk_interrupt_wait(NK_USART_INTERRUPT);
    }
    data[0] = (uint8_t)REGISTER(NK_USART_RECEIVE);
    return 1;
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        while ((REGISTER(NK_USART_STATUS) & STATUS_EMPTY) == 0u) {
        }
        REGISTER(NK_USART_SEND) = data[i];
    }
}
