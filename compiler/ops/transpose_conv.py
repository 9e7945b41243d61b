# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE_CONV: input [1, h, w, in_c], weights [out_c, kernel_h, kernel_w, in_c], bias [out_c].

Each input pixel adds its products with the weights to a window of the output, `stride` further
from pixel to pixel. A row of the output therefore reads the few input rows whose windows meet it.
Source: tensorflow/lite/micro/kernels/transpose_conv.cc,
kernels/internal/reference/integer_ops/transpose_conv.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, packing, products
from netsuke.compiler.ops.base import (
    Access,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    ParamValue,
    Rows,
    Whole,
)


@dataclass(frozen=True, slots=True)
class TransposeConvAttrs(Attrs):
    """The output is height x width pixels; what windows add outside it is dropped.

    `activation` is the fused one, a common.Activation.
    """

    height: int
    width: int
    stride_h: int
    stride_w: int
    pad_top: int
    pad_left: int
    activation: int = 0


def weights_match(graph: Graph, op: Op) -> str | None:
    """The weights must be [output channels, height, width, input channels]"""
    x, w, *_ = graph.input_tensors(op)
    assert x is not None and w is not None
    fits = len(w.shape) == 4 and w.shape[3] == x.shape[3] and w.elements > 0
    return None if fits else f"weights {w.shape} for an input {x.shape}"


def _rows(a: TransposeConvAttrs, x: Tensor, out: Tensor, kernel_h: int) -> Rows | None:
    """The input rows of an output row, None where image rows are not the tensors' rows."""
    if common.of_one_row(x, out):
        return None
    # Row t reads rows (t + pad_top - k) / stride_h for each row k of the weights that divides.
    first, last = a.pad_top - kernel_h + 1, a.pad_top
    return Rows(1, a.stride_h, -(-first // a.stride_h), -(-last // a.stride_h) + 1)


class TransposeConv(Operator[TransposeConvAttrs]):
    name = "transpose_conv"
    builtin = "TRANSPOSE_CONV"
    attrs_type = TransposeConvAttrs
    arity = (2, 4)
    file_order = (2, 1, 3, 0)
    constraints = (common.rank_4, common.batch_1, weights_match, *products.CONSTRAINTS)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> TransposeConvAttrs:
        shape, w = common.constant_ints(inputs[3]), products.weights_of(inputs).shape
        if shape is None or len(shape) != 4 or not all(1 <= n <= common.MAX_SIDE for n in shape):
            got = "a computed one" if shape is None else str(list(shape))
            raise InputError("output shape", got, f"four constants from 1 to {common.MAX_SIDE}")
        strides = options.int("stride_h"), options.int("stride_w")
        if not all(1 <= n <= common.MAX_SIDE for n in strides) or len(w) != 4:
            want = f"1 or more, {common.MAX_SIDE} at most, and weights of four dimensions"
            raise InputError("strides", str(strides), want)
        top = left = 0
        if options.int("padding") == 0:
            top, _ = common.same_padding(shape[1], w[1], strides[0])
            left, _ = common.same_padding(shape[2], w[2], strides[1])
        activation = options.int("fused_activation_function")
        return TransposeConvAttrs(shape[1], shape[2], *strides, top, left, activation)

    def infer(self, attrs: TransposeConvAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        batch, channels = common.input0(inputs).shape[0], products.weights_of(inputs).shape[0]
        return (batch, attrs.height, attrs.width, channels)

    def evaluate(
        self,
        attrs: TransposeConvAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values)[0].astype(np.int64) - common.input0(inputs).q.zero_point
        weights = products.weight_values(inputs)
        sums = np.zeros(self._reach(attrs, x.shape, weights.shape), np.int64)
        down, right = attrs.stride_h * x.shape[0], attrs.stride_w * x.shape[1]
        for ky, kx in np.ndindex(weights.shape[1:3]):
            added = x @ weights[:, ky, kx].T
            sums[ky : ky + down : attrs.stride_h, kx : kx + right : attrs.stride_w] += added
        top, left = attrs.pad_top, attrs.pad_left
        kept = sums[top : top + attrs.height, left : left + attrs.width]
        return products.rescale(kept[None], products.scaling(attrs.activation, inputs, out))

    def access(
        self, attrs: TransposeConvAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        kernel_h = products.weights_of(inputs).shape[1]
        rows = _rows(attrs, common.input0(inputs), out, kernel_h)
        return (rows or Whole(), *(None for _ in inputs[1:]))

    def kernel(
        self,
        attrs: TransposeConvAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x, w = common.input0(inputs), products.weights_of(inputs)
        rows, s = _rows(attrs, x, out, w.shape[1]), products.scaling(attrs.activation, inputs, out)
        by_pixel = common.rows_are_pixels(out)
        params: tuple[tuple[str, ParamValue], ...] = (
            ("weights", packing.weights(products.weight_values(inputs))),
            *packing.scaling(s, s.bias),
            ("in_h", x.shape[1]),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("in_zero_point", x.q.zero_point),
            ("kernel_h", w.shape[1]),
            ("kernel_w", w.shape[2]),
            ("stride_h", attrs.stride_h),
            ("stride_w", attrs.stride_w),
            ("pad_top", attrs.pad_top),
            ("pad_left", attrs.pad_left),
            ("whole", int(rows is None)),
            ("first", 0 if rows is None else rows.lo),
            ("by_pixel", int(by_pixel)),
            ("out_w", 1 if by_pixel else attrs.width),
            ("out_c", out.shape[3]),
            *packing.output_range(s),
        )
        function, source = "nk_transpose_conv_row", "kernels/transpose_conv.c"
        return KernelCall(function, "nk_transpose_conv", self.name, source, params, takes_row=True)

    def macs(self, attrs: TransposeConvAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        x, w = common.input0(inputs), products.weights_of(inputs)
        return x.shape[1] * x.shape[2] * w.elements

    @staticmethod
    def _reach(a: TransposeConvAttrs, x: Sequence[int], w: Sequence[int]) -> tuple[int, int, int]:
        """The extents of everything that windows add to, and at least of the output."""
        high = max(a.stride_h * x[0] + w[1], a.pad_top + a.height)
        wide = max(a.stride_w * x[1] + w[2], a.pad_left + a.width)
        return high, wide, w[0]


OPERATOR = TransposeConv()
