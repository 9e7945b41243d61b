/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UART_H
#define UART_H

#include <stdint.h>

/* USART1 of an STM32F405, its received bytes announced by an interrupt. */
void uart_start(void);
void USART1_IRQHandler(void);

#endif
