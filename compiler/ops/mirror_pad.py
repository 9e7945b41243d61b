# SPDX-License-Identifier: Apache-2.0
"""MIRROR_PAD: a border of an image or a sequence that mirrors what it surrounds.

Source: tensorflow/lite/micro/kernels/mirror_pad.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    ConstArray,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    ParamValue,
    Rows,
    Whole,
)
from netsuke.compiler.ops.padding import read_paddings


@dataclass(frozen=True, slots=True)
class MirrorPadAttrs(Attrs):
    """`paddings` are (before, after) for each axis, in elements. `edge` is 1 where the outermost
    element is not repeated (REFLECT), 0 where it is (SYMMETRIC)."""

    paddings: tuple[tuple[int, int], ...]
    edge: int


def border_of_images(graph: Graph, op: Op) -> str | None:
    """The input must be [1, ..., channels] of three or four dimensions, with a border around the
    inner ones"""
    assert isinstance(op.attrs, MirrorPadAttrs)
    shape, pads = common.input0(graph.input_tensors(op)).shape, op.attrs.paddings
    fits = len(shape) in (3, 4) and shape[0] == 1 and pads[0] == pads[-1] == (0, 0)
    return None if fits else f"{shape} with {pads}"


def enough_to_mirror(graph: Graph, op: Op) -> str | None:
    """The border must not be wider than what it mirrors"""
    assert isinstance(op.attrs, MirrorPadAttrs)
    shape = common.input0(graph.input_tensors(op)).shape
    for n, pads in zip(shape, op.attrs.paddings, strict=True):
        if max(pads) > n - op.attrs.edge and max(pads) > 0:
            return f"{max(pads)} beside {n}"
    return None


def mirrored(size: int, pads: tuple[int, int], edge: int) -> Array:
    """The input index of each output index along one axis."""
    inside = np.arange(size)
    before = np.arange(pads[0])[::-1] + edge
    after = size - 1 - edge - np.arange(pads[1])
    return np.concatenate([before, inside, after])


@dataclass(frozen=True, slots=True)
class _Geometry:
    """The input index of each output row and column of an image. A sequence, or an image of one
    row, is turned by 90 degrees, for its pixels are its tensor's rows."""

    rows: Array
    columns: Array
    in_w: int


def _geometry(a: MirrorPadAttrs, x: Tensor) -> _Geometry:
    sizes, pads = x.shape[1:-1], a.paddings[1:-1]
    if len(sizes) == 2 and sizes[0] == 1 and pads[0] == (0, 0):
        sizes, pads = sizes[1:], pads[1:]
    if len(sizes) == 1:
        sizes, pads = (*sizes, 1), (*pads, (0, 0))
    rows, columns = (mirrored(n, p, a.edge) for n, p in zip(sizes, pads, strict=True))
    return _Geometry(rows, columns, sizes[1])


def _rows(g: _Geometry, x: Tensor) -> Rows | None:
    """What an output row reads, None where image rows are not the tensor's rows."""
    if x.rows > 1 and x.rows * g.in_w != x.elements // x.shape[-1]:
        return None
    distance = g.rows - np.arange(len(g.rows))
    return Rows(1, 1, int(distance.min()), int(distance.max()) + 1)


class MirrorPad(Operator[MirrorPadAttrs]):
    name = "mirror_pad"
    builtin = "MIRROR_PAD"
    attrs_type = MirrorPadAttrs
    arity = (2, 2)
    constraints = (
        *common.INT8,
        common.same_quantization,
        border_of_images,
        enough_to_mirror,
    )
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MirrorPadAttrs:
        mode = options.int("mode")
        if mode not in (0, 1):
            raise InputError("mode", str(mode), "0 (REFLECT) or 1 (SYMMETRIC)")
        return MirrorPadAttrs(read_paddings(inputs), 1 - mode)

    def infer(self, attrs: MirrorPadAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return tuple(n + sum(pads) for n, pads in zip(shape, attrs.paddings, strict=True))

    def copies(self, attrs: MirrorPadAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return not any(map(any, attrs.paddings))

    def evaluate(
        self,
        attrs: MirrorPadAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        padded = common.value0(values)
        for axis, pads in enumerate(attrs.paddings):
            padded = padded.take(mirrored(padded.shape[axis], pads, attrs.edge), axis)
        return padded

    def access(
        self, attrs: MirrorPadAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        x = common.input0(inputs)
        return (_rows(_geometry(attrs, x), x) or Whole(), None)

    def channels(
        self, attrs: MirrorPadAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        return Aligned((np.arange(out.shape[-1]), None))

    def kernel(
        self,
        attrs: MirrorPadAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        x = common.input0(inputs)
        g, channels = _geometry(attrs, x), x.shape[-1]
        pattern = _rows(g, x)
        if pattern is None:
            rows = g.rows * g.in_w * channels
        else:
            rows = g.rows - np.arange(len(g.rows)) - pattern.lo
        params: dict[str, ParamValue] = {
            "rows": ConstArray(rows.astype(np.int32)),
            "columns": ConstArray((g.columns * channels).astype(np.int32)),
            "whole": int(pattern is None),
            "channels": channels,
            "out_w": len(g.columns),
        }
        function, source = "nk_mirror_pad_row", "kernels/mirror_pad.c"
        return KernelCall(
            function, "nk_mirror_pad", self.name, source, tuple(params.items()), takes_row=True
        )


OPERATOR = MirrorPad()
