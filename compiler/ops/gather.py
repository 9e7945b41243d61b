# SPDX-License-Identifier: Apache-2.0
"""GATHER of constant indices along one axis.

Evenly spaced ones are a strided copy; others come from a table, by a kernel of their own.
Source: tensorflow/lite/micro/kernels/gather.cc.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    ConstArray,
    Cut,
    Isa,
    KernelCall,
    OptionReader,
    ParamValue,
    Rows,
    Whole,
)
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides


@dataclass(frozen=True, slots=True)
class GatherAttrs(Attrs):
    """`indices` along `axis`, in an array of `shape`; a shape of () drops the axis."""

    axis: int
    indices: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def step(self) -> int | None:
        """From one index to the next, None where that differs."""
        steps = {b - a for a, b in itertools.pairwise(self.indices)} or {1}
        return steps.pop() if len(steps) == 1 else None


class Gather(StridedCopy[GatherAttrs]):
    name = "gather"
    builtin = "GATHER"
    attrs_type = GatherAttrs
    arity = (2, 2)
    constraints = (*StridedCopy.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> GatherAttrs:
        x, given = common.input0(inputs), inputs[1]
        indices = common.constant_ints(given)
        if given is None or not indices or len(given.shape) > 1:
            raise InputError("indices", "others", "a constant vector or number")
        if options.int("batch_dims"):
            raise InputError("batch_dims", str(options.int("batch_dims")), "0")
        (axis,) = common.resolved_axes([options.int("axis")], len(x.shape))
        if not all(0 <= i < x.shape[axis] for i in indices):
            raise InputError("indices", str(list(indices)[:8]), f"0 to {x.shape[axis] - 1}")
        return GatherAttrs(axis, indices, given.shape)

    def places(self, attrs: GatherAttrs, inputs: Sequence[Tensor | None]) -> Places:
        """Of evenly spaced indices."""
        assert attrs.step is not None
        shape, axis = common.input0(inputs).shape, attrs.axis
        strides = contiguous_strides(shape)
        steps = (attrs.step * strides[axis],) * len(attrs.shape)
        return Places(
            attrs.indices[0] * strides[axis],
            (*shape[:axis], *attrs.shape, *shape[axis + 1 :]),
            (*strides[:axis], *steps, *strides[axis + 1 :]),
        )

    def infer(self, attrs: GatherAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape, axis = common.input0(inputs).shape, attrs.axis
        return (*shape[:axis], *attrs.shape, *shape[axis + 1 :])

    def evaluate(
        self,
        attrs: GatherAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        return np.take(common.value0(values), attrs.indices, attrs.axis).reshape(out.shape)

    def copies(self, attrs: GatherAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return attrs.step is not None and super().copies(attrs, inputs, out)

    def taken(self, attrs: GatherAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> Cut | None:
        return None if attrs.step is None else super().taken(attrs, inputs, out)

    def access(
        self, attrs: GatherAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        if attrs.step is not None:
            return super().access(attrs, inputs, out)
        return (Rows() if common.row_axis(out.shape) < attrs.axis else Whole(), None)

    def kernel(
        self,
        attrs: GatherAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        if attrs.step is not None:
            return super().kernel(attrs, inputs, out, isa, block)
        shape = common.input0(inputs).shape
        axis, row_axis = attrs.axis, common.row_axis(out.shape)
        # Three or more indices: the axis of rows is this one, one before it, or there are none.
        by_row = out.rows > 1 and row_axis == axis
        params: dict[str, ParamValue] = {
            "indices": ConstArray(np.array(attrs.indices, np.int32)),
            "row_indices": int(by_row),
            "outer": math.prod(shape[row_axis + 1 : axis]) if row_axis < axis else 1,
            "count": 1 if by_row else len(attrs.indices),
            "chunk": math.prod(shape[axis + 1 :]),
            "extent": shape[axis],
        }
        return KernelCall(
            "nk_gather_row",
            "nk_gather",
            "gather",
            "kernels/gather.c",
            tuple(params.items()),
            takes_row=True,
        )


OPERATOR = Gather()
