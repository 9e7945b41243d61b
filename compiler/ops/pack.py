# SPDX-License-Identifier: Apache-2.0
"""PACK: tensors of one shape along a new axis; CONCATENATION of tensors with that axis of 1.

Source: tensorflow/lite/micro/kernels/pack.cc.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader
from netsuke.compiler.ops.concatenation import MAX_INPUTS, Concatenation, ConcatenationAttrs


@dataclass(frozen=True, slots=True)
class PackAttrs(Attrs):
    """The new axis is `axis` of the output, a number from 0."""

    axis: int


def same_shapes(graph: Graph, op: Op) -> str | None:
    """The inputs must have the same shape and the new axis must not be the last"""
    assert isinstance(op.attrs, PackAttrs)
    shapes = {t.shape for t in graph.input_tensors(op) if t is not None}
    if len(shapes) == 1 and all(op.attrs.axis < len(s) for s in shapes):
        return None
    return f"axis {op.attrs.axis}, " + " and ".join(map(str, sorted(shapes)))


def _expanded(attrs: PackAttrs, inputs: Sequence[Tensor | None]) -> list[Tensor | None]:
    """The inputs with the new axis, of 1."""

    def expand(t: Tensor) -> Tensor:
        return dataclasses.replace(t, shape=(*t.shape[: attrs.axis], 1, *t.shape[attrs.axis :]))

    return [None if t is None else expand(t) for t in inputs]


_CONCATENATION = Concatenation()


class Pack(Operator[PackAttrs]):
    name = "pack"
    builtin = "PACK"
    attrs_type = PackAttrs
    arity = (1, MAX_INPUTS)
    constraints = (common.int8_inputs, *common.INT8, same_shapes, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> PackAttrs:
        if None in inputs:
            raise InputError("inputs", "one left out", "all of them")
        rank = len(common.input0(inputs).shape) + 1
        return PackAttrs(*common.resolved_axes([options.int("axis")], rank))

    def infer(self, attrs: PackAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return (*shape[: attrs.axis], len(inputs), *shape[attrs.axis :])

    def evaluate(
        self,
        attrs: PackAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        return np.stack([v for v in values if v is not None], axis=attrs.axis)

    def access(
        self, attrs: PackAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        joined = ConcatenationAttrs(attrs.axis)
        return _CONCATENATION.access(joined, _expanded(attrs, inputs), out)

    def copies(self, attrs: PackAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return len(inputs) == 1

    def kernel(
        self, attrs: PackAttrs, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        joined = ConcatenationAttrs(attrs.axis)
        return _CONCATENATION.kernel(joined, _expanded(attrs, inputs), out, isa, block)


OPERATOR = Pack()
