/* SPDX-License-Identifier: Apache-2.0 */
/* The stand-in's few functions. Registers: RM0090 section 30.6; clocks stay as after reset. */
#include "main.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define RCC_AHB1ENR       REGISTER(0x40023830u)
#define RCC_APB2ENR       REGISTER(0x40023844u)
#define GPIOA_MODER       REGISTER(0x40020000u)
#define GPIOA_AFRH        REGISTER(0x40020024u)
#define STATUS            0x00u
#define DATA              0x04u
#define DIVIDER           0x08u
#define CONTROL           0x0Cu

void HAL_Init(void)
{
}

void SystemClock_Config(void)
{
}

void MX_USART1_UART_Init(void)
{
    huart1.base = 0x40011000u;
    RCC_AHB1ENR |= 1u;
    RCC_APB2ENR |= 1u << 4;
    GPIOA_AFRH = (GPIOA_AFRH & ~0xFF0u) | 0x770u;
    GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 18)) | 0xAu << 18;
    REGISTER(huart1.base + DIVIDER) = 139u; /* 16 MHz / 115200 */
    REGISTER(huart1.base + CONTROL) = 0x200Cu;
}

HAL_StatusTypeDef HAL_UART_Receive(UART_HandleTypeDef *uart, uint8_t *data, uint16_t size,
                                   uint32_t timeout)
{
    (void)timeout;
    for (uint16_t i = 0; i < size; i++) {
        while ((REGISTER(uart->base + STATUS) & 0x20u) == 0u) {
        }
        data[i] = (uint8_t)REGISTER(uart->base + DATA);
    }
    return HAL_OK;
}

HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *uart, const uint8_t *data, uint16_t size,
                                    uint32_t timeout)
{
    (void)timeout;
    for (uint16_t i = 0; i < size; i++) {
        while ((REGISTER(uart->base + STATUS) & 0x80u) == 0u) {
        }
        REGISTER(uart->base + DATA) = data[i];
    }
    return HAL_OK;
}
