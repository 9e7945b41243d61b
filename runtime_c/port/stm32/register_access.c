/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

uint32_t nk_register_read(uint32_t address)
{
    return *(volatile uint32_t *)(uintptr_t)address;
}

void nk_register_write(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)address = value;
}
