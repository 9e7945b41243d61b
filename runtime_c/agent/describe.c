/* SPDX-License-Identifier: Apache-2.0 */
/* For ports that describe nothing: the counter counts cycles, the stack is somebody else's. */
#include "netsuke/port.h"

__attribute__((weak)) void nk_port_describe(nk_port_facts *facts)
{
    facts->unit = NK_UNIT_CYCLES;
    facts->milliunits_per_tick = 1000;
}
