/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of the FreeRTOS kernel, so that this example builds and runs here: the few names it
 * uses, without a scheduler. A real project has the kernel's own files instead.
 */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t StackType_t;
typedef long     BaseType_t;
typedef uint32_t TickType_t;

#define pdFALSE                              ((BaseType_t)0)
#define pdPASS                               ((BaseType_t)1)
#define portMAX_DELAY                        0xFFFFFFFFu
#define portYIELD_FROM_ISR(woken)            ((void)(woken))
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x50u

#endif
