# SPDX-License-Identifier: Apache-2.0
"""SPLIT_V: parts of given sizes of the input along an axis, an operator for each.

Source: tensorflow/lite/micro/kernels/split_v.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.strided import Places, StridedCopy, part_along


@dataclass(frozen=True, slots=True)
class SplitVAttrs(Attrs):
    """Part `number` of those of `sizes` elements along `axis`, a number from 0."""

    axis: int
    sizes: tuple[int, ...]
    number: int


class SplitV(StridedCopy[SplitVAttrs]):
    name = "split_v"
    builtin = "SPLIT_V"
    attrs_type = SplitVAttrs
    arity = (3, 3)
    several_outputs = True
    constraints = (*StridedCopy.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SplitVAttrs:
        shape = common.input0(inputs).shape
        sizes, axes = (common.constant_ints(t) for t in inputs[1:])
        if sizes is None or axes is None or len(axes) != 1:
            raise InputError("sizes and axis", "others", "constant numbers and one constant number")
        (axis,) = common.resolved_axes(axes, len(shape))
        if min(sizes, default=0) < 1 or sum(sizes) != shape[axis]:
            raise InputError("sizes", str(list(sizes)), f"positive ones that sum to {shape[axis]}")
        return SplitVAttrs(axis, sizes, 0)

    def of_output(self, attrs: SplitVAttrs, number: int, count: int) -> SplitVAttrs:
        if count != len(attrs.sizes):
            raise InputError("outputs", str(count), str(len(attrs.sizes)))
        return replace(attrs, number=number)

    def places(self, attrs: SplitVAttrs, inputs: Sequence[Tensor | None]) -> Places:
        first, size = sum(attrs.sizes[: attrs.number]), attrs.sizes[attrs.number]
        return part_along(common.input0(inputs).shape, attrs.axis, first, size)


OPERATOR = SplitV()
