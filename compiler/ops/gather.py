# SPDX-License-Identifier: Apache-2.0
"""GATHER of constant, evenly spaced indices along one axis.

Source: tensorflow/lite/micro/kernels/gather.cc.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides


@dataclass(frozen=True, slots=True)
class GatherAttrs(Attrs):
    """`shape` indices `first`, first + step, ... along `axis`; a shape of () drops the axis."""

    axis: int
    first: int
    step: int
    shape: tuple[int, ...]


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
        step = indices[1] - indices[0] if len(indices) > 1 else 1
        if any(b - a != step for a, b in itertools.pairwise(indices)):
            raise InputError("indices", str(list(indices)[:8]), "evenly spaced ones")
        return GatherAttrs(axis, indices[0], step, given.shape)

    def places(self, attrs: GatherAttrs, inputs: Sequence[Tensor | None]) -> Places:
        shape, axis = common.input0(inputs).shape, attrs.axis
        strides = contiguous_strides(shape)
        steps = (attrs.step * strides[axis],) * len(attrs.shape)
        return Places(
            attrs.first * strides[axis],
            (*shape[:axis], *attrs.shape, *shape[axis + 1 :]),
            (*strides[:axis], *steps, *strides[axis + 1 :]),
        )


OPERATOR = Gather()
