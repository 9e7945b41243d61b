# SPDX-License-Identifier: Apache-2.0
"""One module for each operator, by TFLite's name in snake case, and what several of them share.

A module that defines `OPERATOR` is an operator. The others:

- `base` says what an operator is, `registry` finds it, `common` has constraints and more for all.
- Bases of operators alike: `broadcast` (two operands), `convolution`, `extreme`, `pool`, `reduce`,
  `resize`, `strided`, `table`, `view`, `weighted_sum`; `padding` for PAD and PADV2.
- Arithmetic: `products`, `sums`, `sum_bounds`, `gemmlowp`; geometry of windows: `windows`.
- Kernels: `packing` lays out weights as kernels read them, `dsp` chooses among those of Armv7E-M,
  whose weights `columns`, `tile_words` and `window` make, each for the header of its name.

`patch` and `lookup` are operators that no model file has: passes and planner make them.
"""
