# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE: axes in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Aligned, Channels, Cut, OptionReader, Part
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides, row_steps


@dataclass(frozen=True, slots=True)
class TransposeAttrs(Attrs):
    """Axis i of the output is axis order[i] of the input."""

    order: tuple[int, ...]


def few_steps(graph: Graph, op: Op) -> str | None:
    """A row of the output must step through the input in at most four different ways"""
    assert isinstance(op.attrs, TransposeAttrs)
    inputs, out = graph.input_tensors(op), graph.output(op)
    steps = row_steps(OPERATOR.places(op.attrs, inputs), out)
    return None if len(steps) <= 4 else f"{len(steps)}, from {common.input0(inputs).shape}"


class Transpose(StridedCopy[TransposeAttrs]):
    name = "transpose"
    builtin = "TRANSPOSE"
    attrs_type = TransposeAttrs
    arity = (2, 2)
    constraints = (*common.MOVED_INT8, few_steps)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> TransposeAttrs:
        order = common.constant_ints(inputs[1])
        rank = len(common.input0(inputs).shape)
        if order is None:
            raise InputError("order", "a computed one", "constant axes")
        if len(common.resolved_axes(order, rank)) != rank or len(order) != rank:
            raise InputError("order", str(list(order)), f"each axis of {rank} once")
        return TransposeAttrs(tuple(a % rank for a in order))

    def places(self, attrs: TransposeAttrs, inputs: Sequence[Tensor | None]) -> Places:
        shape = common.input0(inputs).shape
        strides = contiguous_strides(shape)
        return Places(
            0, tuple(shape[a] for a in attrs.order), tuple(strides[a] for a in attrs.order)
        )

    def channels(
        self, attrs: TransposeAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> Channels:
        if not attrs.order or attrs.order[-1] != len(attrs.order) - 1:
            return None
        return Aligned((np.arange(out.shape[-1]), *(None for _ in inputs[1:])))

    def part(
        self, attrs: TransposeAttrs, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut
    ) -> Part | None:
        return Part(attrs, (Cut(attrs.order[cut.axis], cut.start, cut.size), None))


OPERATOR = Transpose()
