/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "board_config.h"
#include "registers.h"

static const nk_step       steps[] = NK_CLOCK_STEPS;
static const nk_clock_plan plans[] = NK_CLOCK_PLANS;
static uint32_t            clock_hz;

/* A plan ends at the first flag that does not come: what follows might be too fast without it. */
static uint32_t comes_up(const nk_clock_plan *plan)
{
    for (uint32_t i = plan->first; i < plan->end; i++) {
        if (nk_steps_run(&steps[i], 1) != 0u) {
            return 0;
        }
    }
    return 1;
}

const nk_clock_plan *nk_clock_start(void)
{
    const nk_clock_plan *plan = plans;
    while (!comes_up(plan) && plan < plans + sizeof plans / sizeof plans[0] - 1) {
        plan++;
    }
    clock_hz = plan->core_hz;
    return plan;
}

uint32_t nk_clock_hz(void)
{
    return clock_hz;
}
