/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An overflowing stack faults: the 32 KiB below it, where RAM ends, may not be accessed. Most
 * parts have nothing there, but some memory systems ignore writes to nothing. Armv7-M Architecture
 * Reference Manual (DDI 0403E), section B3.5.
 */
#include "startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define MPU_CTRL          REGISTER(0xE000ED94u)
#define MPU_RNR           REGISTER(0xE000ED98u)
#define MPU_RBAR          REGISTER(0xE000ED9Cu)
#define MPU_RASR          REGISTER(0xE000EDA0u)

#define GUARD_BYTES      0x8000u
#define RASR_NO_ACCESS   ((1u << 28) | (14u << 1) | 1u) /* never executed, 2^(14+1) bytes, on */
#define CTRL_ON_ELSE_ALL 5u                             /* the rest as without an MPU */

void nk_stack_guard(uint32_t stack_limit)
{
    MPU_RNR = 0;
    MPU_RBAR = (stack_limit - GUARD_BYTES) & ~(GUARD_BYTES - 1u);
    MPU_RASR = RASR_NO_ACCESS;
    MPU_CTRL = CTRL_ON_ELSE_ALL;
}
