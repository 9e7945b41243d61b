/* SPDX-License-Identifier: Apache-2.0 */
/* UART of the Arm FPGA images: Cortex-M System Design Kit TRM (DDI 0479D), section 4.3. */
#include "board_config.h"
#include "netsuke/port.h"
#include "startup.h"

#define REGISTER(offset) (*(volatile uint32_t *)(uintptr_t)(NK_UART_BASE + (offset)))
#define DATA             REGISTER(0x00u)
#define STATE            REGISTER(0x04u)
#define CTRL             REGISTER(0x08u)
#define INTCLEAR         REGISTER(0x0Cu)
#define BAUDDIV          REGISTER(0x10u)

#define STATE_TX_FULL     1u
#define STATE_RX_FULL     2u
#define CTRL_TX_RX        3u
#define CTRL_RX_INTERRUPT 8u
#define INTCLEAR_RX       2u

void nk_port_init(void)
{
    nk_counter_start();
    BAUDDIV = 16; /* the smallest the UART accepts; the emulator ignores it */
    nk_interrupt_watch(NK_UART_INTERRUPT);
    CTRL = CTRL_TX_RX | CTRL_RX_INTERRUPT;
}

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    (void)capacity;
    while ((STATE & STATE_RX_FULL) == 0u) {
        nk_interrupt_wait(NK_UART_INTERRUPT);
    }
    INTCLEAR = INTCLEAR_RX; /* before the byte is taken: the next one may come at once */
    data[0] = (uint8_t)DATA;
    return 1;
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        while ((STATE & STATE_TX_FULL) != 0u) {
        }
        DATA = data[i];
    }
}
