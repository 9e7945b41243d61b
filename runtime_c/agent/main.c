/* SPDX-License-Identifier: Apache-2.0 */
/* The program of firmware that serves a model over the serial line. */
#include "agent.h"

int main(void)
{
    nk_agent_run();
    return 0;
}
