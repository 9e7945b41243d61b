/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TASK_H
#define TASK_H

#include "FreeRTOS.h"

#define tskIDLE_PRIORITY 0u

typedef struct task *TaskHandle_t;

BaseType_t xTaskCreate(void (*code)(void *), const char *name, size_t stack_words, void *argument,
                       unsigned long priority, TaskHandle_t *handle);
void       vTaskStartScheduler(void);

#endif
