/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cortex-M7: attributes of external memory, then both caches. Without the attributes the core may
 * read from a memory controller ahead of need, where nothing answers yet, and stop for ever.
 * STM32F7 and H7 programming manual (PM0253), sections 4.6 (MPU) and 4.8 (caches); invalidating
 * before enabling as in its section 4.8.7, for a cache holds anything after power-up.
 */
#include "board_config.h"
#include "startup.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SCB_CCR           REGISTER(0xE000ED14u)
#define SCB_CCSIDR        REGISTER(0xE000ED80u)
#define SCB_CSSELR        REGISTER(0xE000ED84u)
#define SCB_ICIALLU       REGISTER(0xE000EF50u)
#define SCB_DCISW         REGISTER(0xE000EF60u)
#define MPU_CTRL          REGISTER(0xE000ED94u)
#define MPU_RNR           REGISTER(0xE000ED98u)
#define MPU_RBAR          REGISTER(0xE000ED9Cu)
#define MPU_RASR          REGISTER(0xE000EDA0u)

#define CCR_DATA_CACHE        (1u << 16)
#define CCR_INSTRUCTION_CACHE (1u << 17)
#define CTRL_ON_ELSE_ALL      5u
#define FIRST_REGION          1u /* region 0 guards the stack */

static void barrier(void)
{
    __asm__ volatile("dsb \n isb" ::: "memory");
}

static void set_regions(void)
{
    static const struct {
        uint32_t start, attributes;
    } regions[] = NK_MPU_REGIONS;
    barrier();
    MPU_CTRL = 0;
    for (uint32_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        MPU_RNR = FIRST_REGION + i;
        MPU_RBAR = regions[i].start;
        MPU_RASR = regions[i].attributes;
    }
    MPU_CTRL = CTRL_ON_ELSE_ALL;
    barrier();
}

/* Lines are of 32 bytes, the cache of 4 ways: set from bit 5, way from bit 30. */
static void invalidate_data_cache(void)
{
    SCB_CSSELR = 0;
    barrier();
    uint32_t sets = ((SCB_CCSIDR >> 13) & 0x7FFFu) + 1u;
    for (uint32_t set = 0; set < sets; set++) {
        for (uint32_t way = 0; way < 4u; way++) {
            SCB_DCISW = way << 30 | set << 5;
        }
    }
    barrier();
}

void nk_memory_start(void)
{
    set_regions();
    SCB_ICIALLU = 0;
    barrier();
    SCB_CCR |= CCR_INSTRUCTION_CACHE;
    barrier();
    invalidate_data_cache();
    SCB_CCR |= CCR_DATA_CACHE;
    barrier();
}
