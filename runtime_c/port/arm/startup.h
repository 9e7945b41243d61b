/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_STARTUP_H
#define NETSUKE_STARTUP_H

#include <stdint.h>

typedef union {
    uint32_t *stack;
    void (*entry)(void);
} nk_vector;

extern const nk_vector nk_vectors[16];

__attribute__((noreturn)) void nk_reset(void);

void nk_stack_bounds(uint8_t **limit, uint8_t **top);

/*
 * To wait for what a device's interrupt announces, call `watch` once, before the device may raise
 * it, and `wait` as long as the device does not show it; `wait` may return for no reason.
 */
void nk_interrupt_watch(uint32_t number);
void nk_interrupt_wait(uint32_t number);

/* Given by guard_mpu.c or guard_limit.c. */
void nk_stack_guard(uint32_t stack_limit);

/* Attributes of memory, and caches; given by memory_m7.c or memory_flat.c. */
void nk_memory_start(void);

/* Given by the counter of the port, called by nk_port_init. */
void nk_counter_start(void);

#endif
