/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STREAM_BUFFER_H
#define STREAM_BUFFER_H

#include "FreeRTOS.h"

typedef struct stream *StreamBufferHandle_t;

StreamBufferHandle_t xStreamBufferCreate(size_t size, size_t trigger);

size_t xStreamBufferReceive(StreamBufferHandle_t stream, void *data, size_t size, TickType_t ticks);
size_t xStreamBufferSendFromISR(StreamBufferHandle_t stream, const void *data, size_t size,
                                BaseType_t *woken);

#endif
