/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in's kernel: one task, called by the scheduler; one stream buffer, whose reader looks
 * for a pending interrupt itself and calls its handler.
 */
#include "stream_buffer.h"
#include "task.h"
#include "uart.h"

#define NVIC_ISPR1 (*(volatile uint32_t *)(uintptr_t)0xE000E204u)
#define NVIC_ICPR1 (*(volatile uint32_t *)(uintptr_t)0xE000E284u)
#define USART1_BIT (1u << (37u - 32u))

struct stream {
    uint8_t bytes[2048];
    size_t  read, written;
};

static struct stream stream;
static void (*task)(void *);

BaseType_t xTaskCreate(void (*code)(void *), const char *name, size_t stack_words, void *argument,
                       unsigned long priority, TaskHandle_t *handle)
{
    (void)name, (void)stack_words, (void)argument, (void)priority, (void)handle;
    task = code;
    return pdPASS;
}

void vTaskStartScheduler(void)
{
    task(NULL);
}

StreamBufferHandle_t xStreamBufferCreate(size_t size, size_t trigger)
{
    (void)size, (void)trigger;
    __asm__ volatile("cpsid i" ::: "memory");
    return &stream;
}

size_t xStreamBufferSendFromISR(StreamBufferHandle_t to, const void *data, size_t size,
                                BaseType_t *woken)
{
    (void)woken;
    const uint8_t *from = data;
    for (size_t i = 0; i < size; i++) {
        to->bytes[to->written++ % sizeof to->bytes] = from[i];
    }
    return size;
}

size_t xStreamBufferReceive(StreamBufferHandle_t from, void *data, size_t size, TickType_t ticks)
{
    (void)ticks;
    uint8_t *to = data;
    size_t   count = 0;
    while (from->read == from->written) {
        if ((NVIC_ISPR1 & USART1_BIT) != 0u) {
            USART1_IRQHandler();
            NVIC_ICPR1 = USART1_BIT;
        }
    }
    while (count < size && from->read != from->written) {
        to[count++] = from->bytes[from->read++ % sizeof from->bytes];
    }
    return count;
}
