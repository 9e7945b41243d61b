/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every kernel shares.
 *
 * A kernel computes one output row from an array of input row pointers:
 *
 *     void nk_<op>_row(const nk_<op> *p, const int8_t *const *in, int8_t *out, void *scratch);
 *
 * p        compile-time constants of the layer: sizes, quantization, repacked weights
 * in       the input rows in the order of the operator's access pattern; a row beyond the edge
 *          of the tensor points to a constant row of zero points, so a kernel never tests edges
 * out      the output row
 * scratch  4-byte aligned working memory of the size the compiler reserved, or NULL
 *
 * The rows may come from a whole tensor, from a ring buffer or from a tile: a kernel cannot tell.
 * `out` may share memory with rows that are dead by then, so no kernel declares pointers restrict.
 */
#ifndef NETSUKE_KERNEL_H
#define NETSUKE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Raised whenever generated C and this runtime stop fitting together. */
#define NK_ABI 1

/*
 * Linkage of kernels. Built for size, kernels are ordinary functions shared by all layers. Built
 * for speed, the generated C defines NK_KERNEL as `static inline __attribute__((always_inline))`,
 * includes the kernel files, and the compiler folds the literal sizes of each layer into its copy.
 */
#ifndef NK_KERNEL
#define NK_KERNEL
#endif

#endif
