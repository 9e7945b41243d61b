/* SPDX-License-Identifier: Apache-2.0 */
/* The agent as one task of FreeRTOS; it sleeps while no byte comes, others run meanwhile. */
#include "agent.h"
#include "uart.h"

#include "FreeRTOS.h"
#include "task.h"

/* In words: the model's X_STACK_BYTES from its header, and 512 bytes for agent and port. */
#define AGENT_STACK_WORDS ((4096u + 512u) / sizeof(StackType_t))

static void agent_task(void *unused)
{
    (void)unused;
    nk_agent_run();
    for (;;) {
    }
}

int main(void)
{
    uart_start();
    (void)xTaskCreate(agent_task, "netsuke", AGENT_STACK_WORDS, NULL, tskIDLE_PRIORITY + 1u, NULL);
    vTaskStartScheduler();
    for (;;) {
    }
}
