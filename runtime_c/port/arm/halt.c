/* SPDX-License-Identifier: Apache-2.0 */
/* What a fault does in a product that has no agent to report it: stop where a debugger finds it. */
#include "agent.h"

void nk_agent_fault(const uint32_t words[NK_FAULT_WORDS])
{
    (void)words;
    for (;;) {
    }
}
