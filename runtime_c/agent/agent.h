/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board agent: serves one model (netsuke/model.h) over a serial line (netsuke/port.h).
 *
 * The host asks, the agent answers with the kind of the request plus NK_ANSWER and the request's
 * sequence number. A request that comes again, because its answer was lost, gets the same answer
 * again and is not carried out twice. A damaged frame is answered with NK_DAMAGED and otherwise
 * ignored. Bodies, all numbers 32 bits unless said otherwise:
 *
 *     request       body              answer
 *     HELLO         -                 version, SHA-256 of the model (32 bytes), arena, input and
 *                                     output bytes, layers, streamed, counter unit, milliunits
 *                                     per tick, stack bytes, largest chunk, RAM bytes of the
 *                                     agent, clock of the core in Hz (0: not known)
 *     CHECK         -                 1: all weights have their checksum, 0: not
 *     INIT          paint             -        paint 1: fills arena and free stack first
 *     WRITE_INPUT   offset, data      -        streamed models: rising offsets only
 *     INVOKE        -                 number of ROWS sent since INIT
 *     READ_OUTPUT   offset, size      data
 *     PROFILE       first layer       total (64), stack bytes used, arena bytes used, ticks (64)
 *                                     of layers from `first` on, as many as fit
 *     TRACE         first, end        -        sends ROWS of these layers while the model runs
 *
 * The agent speaks unasked in two cases. ROWS: number since INIT, layer, offset, data. FAULT, after
 * which it only repeats that fault: PC, LR, CFSR, HFSR, BFAR, MMFAR (Armv7-M names), and the
 * number of layers counted before it.
 */
#ifndef NETSUKE_AGENT_H
#define NETSUKE_AGENT_H

#include <stdint.h>

#define NK_AGENT_VERSION 2u

#ifndef NK_AGENT_CHUNK
#define NK_AGENT_CHUNK 1024u /* most data bytes in one frame */
#endif

#ifndef NK_AGENT_LAYERS
#define NK_AGENT_LAYERS 256u /* most layers it can count, 8 bytes each */
#endif

enum {
    NK_HELLO = 1,
    NK_INIT = 2,
    NK_WRITE_INPUT = 3,
    NK_INVOKE = 4,
    NK_READ_OUTPUT = 5,
    NK_PROFILE = 6,
    NK_TRACE = 7,
    NK_CHECK = 8,
    NK_ROWS = 0x40,
    NK_FAULT = 0x41,
    NK_DAMAGED = 0x42,
    NK_REFUSED = 0x43, /* body: NK_ERROR_... */
    NK_ANSWER = 0x80
};

enum {
    NK_ERROR_NONE = 0,
    NK_ERROR_UNKNOWN = 1, /* no such request */
    NK_ERROR_LENGTH = 2,  /* the body is too short or too long */
    NK_ERROR_RANGE = 3,   /* beyond the end of the input, the output or the layers */
    NK_ERROR_ORDER = 4,   /* input out of order or not whole, or a request before INIT or INVOKE */
    NK_ERROR_LAYERS = 5   /* the model has more layers than NK_AGENT_LAYERS */
};

#define NK_FAULT_WORDS 6u

/* Serves requests until nk_port_read reports the end of the stream. */
void nk_agent_run(void);

/* Called by the fault handler, on a stack of its own: reports and never returns to the model. */
void nk_agent_fault(const uint32_t words[NK_FAULT_WORDS]);

#endif
