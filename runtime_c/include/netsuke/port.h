/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the board agent needs of a machine: a byte stream, a counter and the bounds of its stack.
 */
#ifndef NETSUKE_PORT_H
#define NETSUKE_PORT_H

#include <stdint.h>

/* What one unit of the counter is. An emulator counts instructions, only silicon counts cycles. */
enum { NK_UNIT_NANOSECONDS = 0, NK_UNIT_INSTRUCTIONS = 1, NK_UNIT_CYCLES = 2 };

typedef struct {
    uint32_t unit;                /* NK_UNIT_... */
    uint32_t milliunits_per_tick; /* a counter may be coarser than its unit */
    uint32_t clock_hz;            /* of the core; 0 where it means nothing or is not known */
    uint8_t *stack_limit;         /* lowest byte of the stack, NULL where the stack is not ours */
    uint8_t *stack_top;           /* one past its highest byte */
} nk_port_facts;

void nk_port_init(void);

/* Fills what it knows into zeroed facts. The agent has one of its own for ports that have none. */
void nk_port_describe(nk_port_facts *facts);

/* Waits for at least one byte, returns how many were put in `data`; 0 when the stream has ended. */
uint32_t nk_port_read(uint8_t *data, uint32_t capacity);
void     nk_port_write(const uint8_t *data, uint32_t size);

/* A free-running counter that wraps at 2^32. */
uint32_t nk_port_ticks(void);

#endif
