/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of CubeMX's main.h and the HAL it includes, so that this example builds and runs here:
 * the few names it uses, on the USART1 of an STM32F405. A real project has ST's files instead.
 */
#ifndef MAIN_H
#define MAIN_H

#include <stdint.h>

typedef enum { HAL_OK = 0, HAL_ERROR = 1 } HAL_StatusTypeDef;

typedef struct {
    uint32_t base;
} UART_HandleTypeDef;

typedef struct {
    volatile uint32_t DHCSR, DCRSR, DCRDR, DEMCR;
} CoreDebug_Type;

typedef struct {
    volatile uint32_t CTRL, CYCCNT;
} DWT_Type;

#define CoreDebug                  ((CoreDebug_Type *)(uintptr_t)0xE000EDF0u)
#define CoreDebug_DEMCR_TRCENA_Msk (1u << 24)
#define DWT                        ((DWT_Type *)(uintptr_t)0xE0001000u)
#define DWT_CTRL_CYCCNTENA_Msk     1u
#define HAL_MAX_DELAY              0xFFFFFFFFu

extern UART_HandleTypeDef huart1;

void HAL_Init(void);
void SystemClock_Config(void);
void MX_USART1_UART_Init(void);

HAL_StatusTypeDef HAL_UART_Receive(UART_HandleTypeDef *uart, uint8_t *data, uint16_t size,
                                   uint32_t timeout);
HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *uart, const uint8_t *data, uint16_t size,
                                    uint32_t timeout);

#endif
