# SPDX-License-Identifier: Apache-2.0
"""BATCH_MATMUL: matrix products over leading axes that broadcast; either operand may be constant.

Source: tensorflow/lite/micro/kernels/batch_matmul.cc,
kernels/internal/reference/batch_matmul.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    ConstArray,
    Cut,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    ParamValue,
    Part,
    Rows,
    Whole,
)
from netsuke.compiler.ops.strided import contiguous_strides


@dataclass(frozen=True, slots=True)
class BatchMatmulAttrs(Attrs):
    """The last two axes of operand x (y) are swapped before the product where adj_x (adj_y)."""

    adj_x: bool
    adj_y: bool


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand by the axes of the product: batch axes, then its own axis, then the depth.

    Strides are in elements; 0 where a batch axis is broadcast.
    """

    batch: tuple[int, ...]
    batch_strides: tuple[int, ...]
    extent: int
    stride: int
    depth: int
    depth_stride: int


def operand(tensor: Tensor, rank: int, depth_last: bool) -> Operand:
    """An operand of a product of `rank` axes; its depth is the last axis or the one before."""
    shape = (1,) * (rank - len(tensor.shape)) + tensor.shape
    strides = contiguous_strides(shape)
    own, depth = (-2, -1) if depth_last else (-1, -2)
    batch = tuple(0 if n == 1 else s for n, s in zip(shape[:-2], strides[:-2], strict=True))
    return Operand(shape[:-2], batch, shape[own], strides[own], shape[depth], strides[depth])


def operands(attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None]) -> tuple[Operand, Operand]:
    """Both operands, with batch axes of the same rank."""
    x, y = inputs
    assert x is not None and y is not None
    rank = max(len(x.shape), len(y.shape))
    return operand(x, rank, not attrs.adj_x), operand(y, rank, attrs.adj_y)


def fitting_shapes(graph: Graph, op: Op) -> str | None:
    """Both inputs must have two to five axes whose depths are equal and whose others broadcast"""
    inputs = graph.input_tensors(op)
    shapes = [t.shape for t in inputs if t is not None]
    found = " and ".join(map(str, shapes))
    if not all(2 <= len(s) <= 5 for s in shapes):
        return found
    assert isinstance(op.attrs, BatchMatmulAttrs)
    x, y = operands(op.attrs, inputs)
    pairs = zip(x.batch, y.batch, strict=True)
    fits = x.depth == y.depth and all(a == b or 1 in (a, b) for a, b in pairs)
    return None if fits else found


def multiplier(inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, int]:
    """(multiplier, shift) to the output's scale; the product of scales is taken in double."""
    x, y = inputs
    assert x is not None and y is not None
    return quantize_multiplier(x.q.scale * y.q.scale / out.q.scale)


class BatchMatmul(Operator[BatchMatmulAttrs]):
    name = "batch_matmul"
    builtin = "BATCH_MATMUL"
    attrs_type = BatchMatmulAttrs
    arity = (2, 2)
    constraints = (common.int8_inputs, *common.INT8, fitting_shapes)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> BatchMatmulAttrs:
        return BatchMatmulAttrs(options.bool("adj_x"), options.bool("adj_y"))

    def infer(self, attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        x, y = operands(attrs, inputs)
        batch = tuple(max(a, b) for a, b in zip(x.batch, y.batch, strict=True))
        return (*batch, x.extent, y.extent)

    def evaluate(
        self,
        attrs: BatchMatmulAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        # Sums of products of 9-bit numbers are exact in float64, whose product is fast.
        x, y = (
            v.astype(np.float64) - t.q.zero_point
            for t, v in zip(inputs, values, strict=True)
            if t is not None and v is not None
        )
        product = np.matmul(
            x.swapaxes(-1, -2) if attrs.adj_x else x, y.swapaxes(-1, -2) if attrs.adj_y else y
        )
        scaled = multiply_by_quantized_multiplier(
            product.astype(np.int64), *multiplier(inputs, out)
        )
        return common.clamp_int8(scaled + out.q.zero_point)

    def part(
        self, attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut
    ) -> Part | None:
        rank = len(out.shape)
        if cut.axis >= rank - 2:
            return None
        cuts = (None if t is None else common.aligned_cut(t, rank, cut) for t in inputs)
        return Part(attrs, tuple(cuts))

    def access(
        self, attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        pairs = zip(inputs, _row_strides(attrs, inputs, out), strict=True)
        return tuple(
            None if t is None or t.data is not None else _access(t, out, stride)
            for t, stride in pairs
        )

    def row_local(
        self, attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> bool:
        return out.rows > 1 and common.row_axis(out.shape) == len(out.shape) - 2

    def macs(self, attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> int:
        return out.elements * operands(attrs, inputs)[0].depth

    def kernel(
        self,
        attrs: BatchMatmulAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x, y = operands(attrs, inputs)
        axis = common.row_axis(out.shape) if out.rows > 1 else -1
        by_row = self.row_local(attrs, inputs, out)
        batch = [1 if a == axis else n for a, n in enumerate(out.shape[:-2])]
        scale, shift = multiplier(inputs, out)
        params: dict[str, ParamValue] = {}
        row_strides = _row_strides(attrs, inputs, out)
        for name, t, stride in zip("xy", inputs, row_strides, strict=True):
            assert t is not None
            given = t.data is None and _access(t, out, stride) == Rows()
            params[name] = None if t.data is None else ConstArray(t.data.reshape(-1), "weights")
            params[f"{name}_row"] = 0 if given else stride
        params |= _batch_fields(batch, x, y) | {
            "rows": block if by_row else x.extent,
            "columns": y.extent,
            "depth": x.depth,
            "x_stride": x.stride,
            "x_depth_stride": x.depth_stride,
            "y_stride": y.stride,
            "y_depth_stride": y.depth_stride,
            "x_zero_point": _zero_point(inputs[0]),
            "y_zero_point": _zero_point(inputs[1]),
            "out_zero_point": out.q.zero_point,
            "multiplier": scale,
            "shift": shift,
        }
        if isa != "portable":
            call = dsp_call(params, y, (scale, shift), out.q.zero_point)
            if call is not None:
                return call
        return KernelCall(
            "nk_batch_matmul_row",
            "nk_batch_matmul",
            "batch_matmul",
            "kernels/batch_matmul.c",
            tuple(params.items()),
            takes_row=True,
        )


MAX_DSP_DEPTH = 16384
"""Twice a sum of so many products of 9-bit numbers fits in 32 bits."""


def dsp_call(
    params: dict[str, ParamValue], y: Operand, scaling: tuple[int, int], out_zero_point: int
) -> KernelCall | None:
    """The call for Armv7E-M with the fields of the portable one, None where it is not exact.

    Rows of y are read as words along the depth, or as half-words of two columns. Scratch holds
    pairs of four rows of x, also where there are fewer: of its last 16 bytes, those of the others
    are not written.
    """
    multiplier, shift = scaling
    adj = y.depth_stride == 1
    if not 1 <= -shift <= 23 or y.depth > MAX_DSP_DEPTH or not (adj or y.extent > 1):
        return None
    fields = {k: v for k, v in params.items() if k not in ("y_depth_stride", "out_zero_point")}
    fields |= {
        "y_stride": y.stride if adj else y.depth_stride,
        "multiplier": multiplier,
        "shift": -shift,
        "addend": (2 * out_zero_point + 1) << -shift >> 1,
    }
    return KernelCall(
        "nk_batch_matmul_dsp_adj_row" if adj else "nk_batch_matmul_dsp_row",
        "nk_batch_matmul_dsp",
        "batch_matmul_dsp",
        "kernels_dsp/batch_matmul.c",
        tuple(fields.items()),
        scratch_bytes=8 * (y.depth + y.depth % (4 if adj else 2)),
        takes_row=True,
    )


def _zero_point(tensor: Tensor | None) -> int:
    assert tensor is not None
    return tensor.q.zero_point


def _row_strides(
    attrs: BatchMatmulAttrs, inputs: Sequence[Tensor | None], out: Tensor
) -> tuple[int, int]:
    """How far each operand moves from one output row to the next, in elements."""
    x, y = operands(attrs, inputs)
    axis = common.row_axis(out.shape)
    if out.rows == 1:
        return 0, 0
    if axis == len(out.shape) - 2:
        return x.stride, 0
    return x.batch_strides[axis], y.batch_strides[axis]


def _access(tensor: Tensor, out: Tensor, row_stride: int) -> Access:
    """An operand whose rows are those of the output, each of them contiguous, comes row by row."""
    if row_stride and tensor.rows == out.rows and row_stride == tensor.row_bytes:
        return Rows()
    return Rows(num=0) if tensor.rows == 1 else Whole()


def _batch_fields(batch: Sequence[int], x: Operand, y: Operand) -> dict[str, ParamValue]:
    """Two loops over the batch axes inside a row; neighbours that step alike are one."""
    groups: list[tuple[int, int, int]] = []
    for n, xs, ys in zip(batch, x.batch_strides, y.batch_strides, strict=True):
        if n == 1:
            continue
        if groups and groups[-1][1:] == (n * xs, n * ys):
            groups[-1] = (groups[-1][0] * n, xs, ys)
        else:
            groups.append((n, xs, ys))
    padded = [(1, 0, 0)] * (2 - len(groups)) + groups
    return {
        field: value
        for i, group in enumerate(padded)
        for field, value in zip((f"batch{i}", f"x_batch{i}", f"y_batch{i}"), group, strict=True)
    }


OPERATOR = BatchMatmul()
