/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From reset to the agent on any Armv7-M or Armv8-M core, and from a fault to its report.
 * Register names and addresses: Armv7-M Architecture Reference Manual (DDI 0403E), section B3.2.
 */
#include <stdint.h>

#include "agent.h"
#include "netsuke/port.h"
#include "startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SCB_VTOR          REGISTER(0xE000ED08u)
#define SCB_CFSR          REGISTER(0xE000ED28u)
#define SCB_HFSR          REGISTER(0xE000ED2Cu)
#define SCB_MMFAR         REGISTER(0xE000ED34u)
#define SCB_BFAR          REGISTER(0xE000ED38u)
#define SCB_CPACR         REGISTER(0xE000ED88u)

#define FRAME_BYTES 32u /* what the core pushes at an exception; PC is word 6, LR word 5 */

/* Of the linker script. The vector table needs the stack top, everything else the sections. */
extern uint32_t nk_stack_limit[], nk_stack_top[];
extern uint32_t nk_data_load[], nk_data_start[], nk_data_end[], nk_bss_start[], nk_bss_end[];

static uint64_t fault_stack[64]; /* a fault may well be the end of the other stack */

void nk_fault(uint32_t stack_pointer);

void nk_stack_bounds(uint8_t **limit, uint8_t **top)
{
    *limit = (uint8_t *)nk_stack_limit;
    *top = (uint8_t *)nk_stack_top;
}

__attribute__((used)) void nk_fault(uint32_t stack_pointer)
{
    uint32_t words[NK_FAULT_WORDS] = {0, 0, SCB_CFSR, SCB_HFSR, SCB_BFAR, SCB_MMFAR};
    uint32_t limit = (uint32_t)(uintptr_t)nk_stack_limit;
    uint32_t top = (uint32_t)(uintptr_t)nk_stack_top;
    if (stack_pointer >= limit && stack_pointer + FRAME_BYTES <= top) {
        const uint32_t *frame = (const uint32_t *)(uintptr_t)stack_pointer;
        words[0] = frame[6];
        words[1] = frame[5];
    }
    nk_agent_fault(words);
    for (;;) {
    }
}

__attribute__((naked)) static void fault_entry(void)
{
    __asm__ volatile("mrs r0, msp       \n"
                     "ldr r1, =%c0      \n"
                     "msr msp, r1       \n"
                     "b   nk_fault      \n"
                     ".ltorg            \n" ::"i"(fault_stack + 64));
}

int main(void);

__attribute__((noreturn)) void nk_reset(void)
{
    const uint32_t *from = nk_data_load;
    for (uint32_t *to = nk_data_start; to < nk_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = nk_bss_start; to < nk_bss_end;) {
        *to++ = 0;
    }
    SCB_VTOR = (uint32_t)(uintptr_t)nk_vectors;
    SCB_CPACR |= 0xFu << 20; /* full access to the FPU (and to MVE); no effect without */
    nk_stack_guard((uint32_t)(uintptr_t)nk_stack_limit);
    nk_memory_start();
    __asm__ volatile("dsb \n isb" ::: "memory");
    nk_port_init();
    (void)main();
    for (;;) {
    }
}

/* No interrupt is ever taken, so the table ends after the 16 entries of the core. */
__attribute__((section(".nk_vectors"), used)) const nk_vector nk_vectors[16] = {
    {.stack = nk_stack_top},
    {.entry = nk_reset},
    {.entry = fault_entry}, /* NMI */
    {.entry = fault_entry}, /* HardFault: the other faults are not enabled and end here */
    {.entry = fault_entry},
    {.entry = fault_entry},
    {.entry = fault_entry},
    {.entry = fault_entry}, /* SecureFault (Armv8-M) */
    {.entry = 0},
    {.entry = 0},
    {.entry = 0},
    {.entry = fault_entry}, /* SVCall */
    {.entry = fault_entry},
    {.entry = 0},
    {.entry = fault_entry}, /* PendSV */
    {.entry = fault_entry}, /* SysTick */
};
