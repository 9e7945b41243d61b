# SPDX-License-Identifier: Apache-2.0
"""UNPACK: every index of an axis as a tensor without that axis, an operator for each.

Source: tensorflow/lite/micro/kernels/unpack.cc.
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
class UnpackAttrs(Attrs):
    """Index `number` of `axis`, a number from 0."""

    axis: int
    number: int


class Unpack(StridedCopy[UnpackAttrs]):
    name = "unpack"
    builtin = "UNPACK"
    attrs_type = UnpackAttrs
    several_outputs = True
    constraints = (*StridedCopy.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> UnpackAttrs:
        shape = common.input0(inputs).shape
        (axis,) = common.resolved_axes([options.int("axis")], len(shape))
        if options.int("num") != shape[axis]:
            raise InputError("num", str(options.int("num")), str(shape[axis]))
        return UnpackAttrs(axis, shape[axis] - 1)

    def of_output(self, attrs: UnpackAttrs, number: int, count: int) -> UnpackAttrs:
        if count != attrs.number + 1:
            raise InputError("outputs", str(count), str(attrs.number + 1))
        return replace(attrs, number=number)

    def places(self, attrs: UnpackAttrs, inputs: Sequence[Tensor | None]) -> Places:
        part = part_along(common.input0(inputs).shape, attrs.axis, attrs.number, 1)
        kept = [a for a in range(len(part.shape)) if a != attrs.axis]
        return Places(
            part.offset, tuple(part.shape[a] for a in kept), tuple(part.strides[a] for a in kept)
        )


OPERATOR = Unpack()
