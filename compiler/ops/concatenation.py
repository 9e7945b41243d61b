# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION along any axis.

Source: tensorflow/lite/micro/kernels/concatenation.cc.
"""

from __future__ import annotations

import math
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

MAX_INPUTS = 10
"""kMaxInputNum of the reference."""


@dataclass(frozen=True, slots=True)
class ConcatenationAttrs(Attrs):
    """The inputs follow each other along `axis`, a number from 0."""

    axis: int


def fitting_shapes(graph: Graph, op: Op) -> str | None:
    """The inputs must have the same shape but for the axis of concatenation"""
    assert isinstance(op.attrs, ConcatenationAttrs)
    axis = op.attrs.axis
    shapes = [t.shape for t in graph.input_tensors(op) if t is not None]
    rests = {(*s[:axis], *s[axis + 1 :]) for s in shapes}
    same_rank = len({len(s) for s in shapes}) == 1
    return None if same_rank and len(rests) == 1 else ", ".join(map(str, shapes))


def _by_rows(attrs: ConcatenationAttrs, out: Tensor) -> bool:
    """Whether each output row comes from one input: the axis is that of the rows."""
    return out.rows > 1 and attrs.axis == common.row_axis(out.shape)


def _constants(inputs: Sequence[Tensor | None]) -> tuple[ConstArray | None, list[int]]:
    """All constant inputs in one array, and where each input begins in it; -1 for computed ones."""
    parts = [t.data.reshape(-1) for t in inputs if t is not None and t.data is not None]
    begins: list[int] = []
    at = 0
    for t in inputs:
        constant = t is not None and t.data is not None
        begins.append(at if constant else -1)
        at += t.elements if t is not None and constant else 0
    return (ConstArray(np.concatenate(parts), "weights") if parts else None), begins


class Concatenation(Operator[ConcatenationAttrs]):
    name = "concatenation"
    builtin = "CONCATENATION"
    attrs_type = ConcatenationAttrs
    arity = (1, MAX_INPUTS)
    constraints = (common.int8_inputs, *common.MOVED_INT8, fitting_shapes, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> ConcatenationAttrs:
        activation = common.Activation(options.int("fused_activation_function"))
        if activation is not common.Activation.NONE:
            raise InputError("fused activation", activation.name, "NONE")
        if None in inputs:
            raise InputError("inputs", "one left out", "all of them")
        rank = len(common.input0(inputs).shape)
        return ConcatenationAttrs(*common.resolved_axes([options.int("axis")], rank))

    def infer(self, attrs: ConcatenationAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        total = sum(t.shape[attrs.axis] for t in inputs if t is not None)
        return (*shape[: attrs.axis], total, *shape[attrs.axis + 1 :])

    def evaluate(
        self,
        attrs: ConcatenationAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        return np.concatenate([v for v in values if v is not None], axis=attrs.axis)

    def access(
        self, attrs: ConcatenationAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        pattern: Access = Rows() if out.rows > 1 and not _by_rows(attrs, out) else Whole()
        return tuple(None if t is None or t.data is not None else pattern for t in inputs)

    def copies(
        self, attrs: ConcatenationAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> bool:
        return len(inputs) == 1

    def channels(
        self, attrs: ConcatenationAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        made = np.arange(out.shape[-1])
        if attrs.axis != len(out.shape) - 1:
            return Aligned(tuple(made for _ in inputs))
        sources: list[Array] = []
        begin = 0
        for t in inputs:
            size = 0 if t is None else t.shape[-1]
            inside = (made >= begin) & (made < begin + size)
            sources.append(np.where(inside, made - begin, -1))
            begin += size
        return Aligned(tuple(sources))

    def kernel(
        self,
        attrs: ConcatenationAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        by_rows = _by_rows(attrs, out)
        constants, begins = _constants(inputs)
        first = common.row_axis(out.shape) + 1 if out.rows > 1 else 0
        # The axis of an only input, if it is 1 long, may lie outside the rows.
        chunk = math.prod(out.shape[max(first, attrs.axis + 1) :])
        extents = [t.shape[attrs.axis] for t in inputs if t is not None]
        sizes = extents if by_rows else [n * chunk for n in extents]
        params: dict[str, ParamValue] = {
            "sizes": ConstArray(np.array(sizes, np.int32)),
            "begins": ConstArray(np.array(begins, np.int32)),
            "constants": constants,
            "count": len(inputs),
            "outer": 1 if by_rows else math.prod(out.shape[first : attrs.axis]),
            "row_size": out.row_bytes if by_rows else 0,
        }
        return KernelCall(
            "nk_concatenation_row",
            "nk_concatenation",
            "concatenation",
            "kernels/concatenation.c",
            tuple(params.items()),
            takes_row=True,
        )


OPERATOR = Concatenation()
