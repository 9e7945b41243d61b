/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeping until a byte comes, without an interrupt handler: interrupts are masked, so one that is
 * pending ends the sleep and is not taken. Polling would do the same, but an emulator's serial
 * line is three times as fast while the core sleeps. Armv7-M Architecture Reference Manual
 * (DDI 0403E), sections B1.5.18 and B3.4.
 */
#include "startup.h"

#define NVIC_ISER ((volatile uint32_t *)(uintptr_t)0xE000E100u)
#define NVIC_ICPR ((volatile uint32_t *)(uintptr_t)0xE000E280u)

void nk_interrupt_watch(uint32_t number)
{
    __asm__ volatile("cpsid i" ::: "memory");
    NVIC_ISER[number / 32u] = 1u << (number % 32u);
}

void nk_interrupt_wait(uint32_t number)
{
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    if (exception == 0u) { /* in the fault handler no interrupt is urgent enough to end a sleep */
        __asm__ volatile("wfi" ::: "memory");
    }
    NVIC_ICPR[number / 32u] = 1u << (number % 32u);
}
