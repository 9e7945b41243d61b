/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETSUKE_CLOCK_H
#define NETSUKE_CLOCK_H

#include <stdint.h>

/* One way to clock the part: the steps `first` to `end` of NK_CLOCK_STEPS, and what comes of it. */
typedef struct {
    uint32_t first, end;
    uint32_t core_hz;
    uint32_t usart_divider; /* for the serial line's baud rate */
} nk_clock_plan;

/*
 * Takes the first of NK_CLOCK_PLANS, the best first, of which no flag fails to come. The last one
 * is the clock that the part starts with; it waits for nothing.
 */
const nk_clock_plan *nk_clock_start(void);

/* What clocks the core since then, in Hz. */
uint32_t nk_clock_hz(void);

#endif
