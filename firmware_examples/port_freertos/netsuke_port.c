/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netsuke's port on FreeRTOS: an interrupt puts bytes into a stream buffer, the agent's task waits
 * at its other end. Registers: RM0090 section 30.6, and DDI 0403E section C1.8 for the counter.
 */
#include "netsuke/port.h"
#include "uart.h"

#include "FreeRTOS.h"
#include "stream_buffer.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define RCC_AHB1ENR       REGISTER(0x40023830u)
#define RCC_APB2ENR       REGISTER(0x40023844u)
#define GPIOA_MODER       REGISTER(0x40020000u)
#define GPIOA_AFRH        REGISTER(0x40020024u)
#define USART1_STATUS     REGISTER(0x40011000u)
#define USART1_DATA       REGISTER(0x40011004u)
#define USART1_DIVIDER    REGISTER(0x40011008u)
#define USART1_CONTROL    REGISTER(0x4001100Cu)
#define NVIC_ISER1        REGISTER(0xE000E104u)
#define NVIC_IPR37        (*(volatile uint8_t *)(uintptr_t)(0xE000E400u + 37u))
#define DEMCR             REGISTER(0xE000EDFCu)
#define DWT_CTRL          REGISTER(0xE0001000u)
#define DWT_CYCCNT        REGISTER(0xE0001004u)

#define RECEIVED_BYTES 2048u /* more than a frame: the host waits for its answer */

static StreamBufferHandle_t received;

void uart_start(void)
{
    received = xStreamBufferCreate(RECEIVED_BYTES, 1);
    RCC_AHB1ENR |= 1u;
    RCC_APB2ENR |= 1u << 4;
    GPIOA_AFRH = (GPIOA_AFRH & ~0xFF0u) | 0x770u;
    GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 18)) | 0xAu << 18;
    USART1_DIVIDER = 139u; /* 16 MHz / 115200 */
    USART1_CONTROL = 0x202Cu;
    NVIC_IPR37 = configMAX_SYSCALL_INTERRUPT_PRIORITY; /* it calls the kernel */
    NVIC_ISER1 = 1u << (37u - 32u);
}

void USART1_IRQHandler(void)
{
    BaseType_t woken = pdFALSE;
    uint8_t    byte = (uint8_t)USART1_DATA;
    (void)xStreamBufferSendFromISR(received, &byte, 1, &woken);
    portYIELD_FROM_ISR(woken);
}

void nk_port_init(void)
{
    DEMCR |= 1u << 24;
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
}

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    return (uint32_t)xStreamBufferReceive(received, data, capacity, portMAX_DELAY);
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        while ((USART1_STATUS & 0x80u) == 0u) {
        }
        USART1_DATA = data[i];
    }
}

/* Other tasks' cycles count too: give the agent's task the highest priority while you measure. */
uint32_t nk_port_ticks(void)
{
    return DWT_CYCCNT;
}
