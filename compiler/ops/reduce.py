# SPDX-License-Identifier: Apache-2.0
"""What MEAN, SUM, REDUCE_MAX and REDUCE_MIN share: axes, shapes, access, the loops of the kernel.

The kernel walks two groups of kept axes and, for each element of the output row, three groups of
reduced axes. The first of those is the input's row axis, so that the accumulating form, which is
given one input row at a time, leaves it out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    Constraint,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    Rows,
    Whole,
)


@dataclass(frozen=True, slots=True)
class ReduceAttrs(Attrs):
    """`axes` are reduced: rising numbers from 0. They stay as 1 where `keep_dims`."""

    axes: tuple[int, ...]
    keep_dims: bool


R = TypeVar("R", bound=ReduceAttrs)

Group = tuple[int, int]
"""(extent, stride in elements)"""


@dataclass(frozen=True, slots=True)
class Loops:
    """The loops that compute one block of output rows.

    `row_stride` is how far the input moves from one output row to the next, 0 where the kernel is
    given that row. `outer` is the reduced row axis of the input, if it is reduced.
    """

    row_stride: int
    kept: tuple[Group, ...]
    outer: Group
    inner: tuple[Group, ...]

    def fields(self) -> dict[str, int]:
        """The loop fields of a parameter struct, in order."""
        kept = ((1, 0),) * (2 - len(self.kept)) + self.kept
        inner = ((1, 0),) * (2 - len(self.inner)) + self.inner
        names = ("kept0", "kept1", "reduced0", "reduced1", "reduced2")
        fields = {"row_stride": self.row_stride}
        for name, (extent, stride) in zip(names, (*kept, self.outer, *inner), strict=True):
            fields |= {name: extent, f"{name}_stride": stride}
        return fields


def keeps_rows(attrs: ReduceAttrs, x: Tensor, out: Tensor) -> bool:
    """Whether output row t is computed from input row t alone."""
    return common.row_axis(x.shape) not in attrs.axes and x.rows == out.rows > 1


def loops(attrs: ReduceAttrs, x: Tensor, out: Tensor, block: int) -> Loops:
    """The loops over `block` output rows."""
    axes = range(len(x.shape))
    strides = [math.prod(x.shape[a + 1 :]) for a in axes]
    groups = {a: (x.shape[a], strides[a]) for a in axes}
    rows = common.row_axis(x.shape)
    row_stride, outer = 0, (1, 0)
    if keeps_rows(attrs, x, out):
        groups[rows] = (block, strides[rows])
    elif rows in attrs.axes:
        outer = groups.pop(rows)
    kept = {a: g for a, g in groups.items() if a not in attrs.axes}
    if out.rows > 1 and not keeps_rows(attrs, x, out):
        stepped = next(a for a, (extent, _) in kept.items() if extent > 1)
        row_stride = kept.pop(stepped)[1]
    inner = [groups[a] for a in groups if a in attrs.axes]
    return Loops(row_stride, common.merged_axes(kept.values()), outer, common.merged_axes(inner))


class Reduction(Operator[R]):
    """Base of the reductions."""

    arity = (2, 2)
    constraints: ClassVar[tuple[Constraint, ...]] = common.INT8

    def axes_and_keep_dims(
        self, options: OptionReader, inputs: Sequence[Tensor | None]
    ) -> tuple[tuple[int, ...], bool]:
        """The fields of the attributes."""
        axes = common.constant_ints(inputs[1])
        if not axes:
            raise InputError("axes", "none" if axes == () else "computed ones", "constant numbers")
        rank = len(common.input0(inputs).shape)
        return common.resolved_axes(axes, rank), options.bool("keep_dims")

    def infer(self, attrs: R, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        one = (1,) if attrs.keep_dims else ()
        parts = [one if a in attrs.axes else (n,) for a, n in enumerate(shape)]
        return tuple(n for part in parts for n in part)

    def access(
        self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows() if keeps_rows(attrs, common.input0(inputs), out) else Whole(), None)

    def row_local(self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        x = common.input0(inputs)
        return keeps_rows(attrs, x, out) and len(loops(attrs, x, out, 2).kept) <= 2

    def channels(self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        if len(common.input0(inputs).shape) - 1 in attrs.axes:
            return None
        return Aligned((np.arange(out.shape[-1]), None))


class Choice(Reduction[R]):
    """Base of REDUCE_MAX and REDUCE_MIN, which choose one of the reduced numbers."""

    constraints = (*Reduction.constraints, common.same_quantization)
    monotone = "increasing"

    def kernel(
        self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        return KernelCall(
            f"nk_{self.name}_row",
            f"nk_{self.name}",
            self.name,
            f"kernels/{self.name}.c",
            tuple(loops(attrs, common.input0(inputs), out, block).fields().items()),
            takes_row=True,
        )


def reduced_elements(attrs: ReduceAttrs, x: Tensor) -> int:
    """How many input elements make one output element."""
    return math.prod(x.shape[a] for a in attrs.axes)


def summable_count(graph: Graph, op: Op) -> str | None:
    """At most 8388608 elements may be reduced to one"""
    assert isinstance(op.attrs, ReduceAttrs)
    count = reduced_elements(op.attrs, common.input0(graph.input_tensors(op)))
    return None if count <= 2**23 else str(count)
