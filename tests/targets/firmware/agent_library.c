/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent without a process: bytes are fed by a call and its own are kept to be taken, so that
 * time on the line can be anything. A reset forgets all but the model's memory.
 */
#include "agent.c" // NOLINT: its statics are what a reset clears

#define KEPT 65536u

void            agent_reset(void);
const uint8_t  *agent_feed(const uint8_t *data, uint32_t size, uint32_t *answered);
static uint8_t  kept[KEPT];
static uint32_t kept_size;

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    (void)data;
    (void)capacity;
    return 0;
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    if (size <= KEPT - kept_size) {
        memcpy(kept + kept_size, data, size);
        kept_size += size;
    }
}

uint32_t nk_port_ticks(void)
{
    return 0;
}

void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = NK_UNIT_CYCLES;
    facts->milliunits_per_tick = 1000;
}

void agent_reset(void)
{
    memset(&agent, 0, sizeof agent);
    start();
}

const uint8_t *agent_feed(const uint8_t *data, uint32_t size, uint32_t *answered)
{
    kept_size = 0;
    for (uint32_t i = 0; i < size; i++) {
        receive(data[i]);
    }
    *answered = kept_size;
    return kept;
}
