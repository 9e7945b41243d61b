/* SPDX-License-Identifier: Apache-2.0 */
/* Where constants go: weights may be linked to another memory than the rest of the code. */
#ifndef NETSUKE_SECTIONS_H
#define NETSUKE_SECTIONS_H

/* Defined by builds that keep weights in external flash. */
#ifndef NK_WEIGHTS_SECTION
#define NK_WEIGHTS_SECTION ".rodata.nk_weights"
#endif

#if defined(__ELF__)
#define NK_WEIGHTS __attribute__((section(NK_WEIGHTS_SECTION), aligned(4)))
#define NK_PARAMS  __attribute__((section(".rodata.nk_params"), aligned(4)))
#else
#define NK_WEIGHTS __attribute__((aligned(4)))
#define NK_PARAMS  __attribute__((aligned(4)))
#endif

#endif
