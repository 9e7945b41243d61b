/* SPDX-License-Identifier: Apache-2.0 */
/* An overflowing stack faults: Armv8-M has a register for its limit (DDI 0553, MSPLIM). */
#include "startup.h"

void nk_stack_guard(uint32_t stack_limit)
{
    __asm__ volatile("msr msplim, %0" ::"r"(stack_limit));
}
