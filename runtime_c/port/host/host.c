/* SPDX-License-Identifier: Apache-2.0 */
/* The agent as a process: bytes come on standard input and leave on standard output. */
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "netsuke/port.h"

void nk_port_init(void)
{
}

void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = NK_UNIT_NANOSECONDS;
    facts->milliunits_per_tick = 1000;
    facts->stack_limit = NULL;
    facts->stack_top = NULL;
}

uint32_t nk_port_read(uint8_t *data, uint32_t capacity)
{
    ssize_t count = read(STDIN_FILENO, data, capacity);
    return count > 0 ? (uint32_t)count : 0u;
}

void nk_port_write(const uint8_t *data, uint32_t size)
{
    while (size > 0u) {
        ssize_t count = write(STDOUT_FILENO, data, size);
        if (count <= 0) {
            _exit(1);
        }
        data += count;
        size -= (uint32_t)count;
    }
}

uint32_t nk_port_ticks(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

int main(void)
{
    nk_port_init();
    nk_agent_run();
    return 0;
}
