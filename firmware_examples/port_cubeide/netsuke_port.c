/* SPDX-License-Identifier: Apache-2.0 */
/* netsuke's port on ST's HAL: huart1 and the core's cycle counter. */
#include "main.h"
#include "netsuke/port.h"

/* HAL_Init, the clocks and the UART are main's; only the counter is left to start. */
void nk_port_init(void)
{
    CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk;
    DWT->CYCCNT = 0;
    DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
}

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    (void)capacity;
    while (HAL_UART_Receive(&huart1, data, 1, HAL_MAX_DELAY) != HAL_OK) {
        /* an overrun, or noise: the host asks again */
    }
    return 1;
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    while (size > 0u) {
        uint16_t some = (uint16_t)(size < 0xFFFFu ? size : 0xFFFFu);
        (void)HAL_UART_Transmit(&huart1, data, some, HAL_MAX_DELAY);
        data += some;
        size -= some;
    }
}

uint32_t nk_port_ticks(void)
{
    return DWT->CYCCNT;
}
