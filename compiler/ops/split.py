# SPDX-License-Identifier: Apache-2.0
"""SPLIT: equal parts of the input along an axis, an operator for each.

Source: tensorflow/lite/micro/kernels/split.cc.
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
class SplitAttrs(Attrs):
    """Part `number` of `count` along `axis`, a number from 0."""

    axis: int
    count: int
    number: int


class Split(StridedCopy[SplitAttrs]):
    name = "split"
    builtin = "SPLIT"
    attrs_type = SplitAttrs
    arity = (2, 2)
    file_order = (1, 0)
    several_outputs = True
    constraints = (*StridedCopy.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SplitAttrs:
        shape, axes = common.input0(inputs).shape, common.constant_ints(inputs[1])
        if axes is None or len(axes) != 1:
            raise InputError("axis", "another", "one constant number")
        (axis,), count = common.resolved_axes(axes, len(shape)), options.int("num_splits")
        if count < 1 or shape[axis] % count:
            raise InputError("num_splits", str(count), f"a divisor of {shape[axis]}")
        return SplitAttrs(axis, count, 0)

    def of_output(self, attrs: SplitAttrs, number: int, count: int) -> SplitAttrs:
        if count != attrs.count:
            raise InputError("outputs", str(count), str(attrs.count))
        return replace(attrs, number=number)

    def places(self, attrs: SplitAttrs, inputs: Sequence[Tensor | None]) -> Places:
        shape = common.input0(inputs).shape
        size = shape[attrs.axis] // attrs.count
        return part_along(shape, attrs.axis, attrs.number * size, size)


OPERATOR = Split()
