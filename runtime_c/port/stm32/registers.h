/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start-up as data: the board file becomes a table of changes to registers and of what to wait for
 * between them, so that one loop serves the clocks, pins and peripherals of every family.
 */
#ifndef NETSUKE_REGISTERS_H
#define NETSUKE_REGISTERS_H

#include <stdint.h>

enum {
    NK_CHANGE = 0, /* clear the bits of `mask`, then set those of `value` */
    NK_AWAIT = 1,  /* until the bits of `mask` read as `value`, but not for ever */
    NK_PAUSE = 2   /* go round `value` times, 3 cycles or more each; no register */
};

typedef struct {
    uint32_t kind, address, mask, value;
} nk_step;

/*
 * Carries out `count` steps in order. A flag that never comes must not keep a board silent: the
 * steps go on, and the result is the number of waits that were given up.
 */
uint32_t nk_steps_run(const nk_step *steps, uint32_t count);

/* Given by register_access.c; tests give a model of the peripheral instead. */
uint32_t nk_register_read(uint32_t address);
void     nk_register_write(uint32_t address, uint32_t value);

#endif
