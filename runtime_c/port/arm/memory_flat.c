/* SPDX-License-Identifier: Apache-2.0 */
/* Cores without caches of their own: the architecture's memory map is right as it is. */
#include "startup.h"

void nk_memory_start(void)
{
}
