# SPDX-License-Identifier: Apache-2.0
"""SLICE: a block of the input, with constant bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.strided import Places, StridedCopy, contiguous_strides


@dataclass(frozen=True, slots=True)
class SliceAttrs(Attrs):
    """`extents[a]` elements from `begins[a]` on along each axis a."""

    begins: tuple[int, ...]
    extents: tuple[int, ...]


class Slice(StridedCopy[SliceAttrs]):
    name = "slice"
    builtin = "SLICE"
    attrs_type = SliceAttrs
    arity = (3, 3)
    constraints = (*StridedCopy.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SliceAttrs:
        shape = common.input0(inputs).shape
        begins, sizes = (common.constant_ints(t) for t in inputs[1:])
        if begins is None or sizes is None or not len(begins) == len(sizes) == len(shape):
            raise InputError("bounds", "others", f"{len(shape)} constant numbers each")
        extents = tuple(
            n - b if s == -1 else s for n, b, s in zip(shape, begins, sizes, strict=True)
        )
        for n, begin, extent in zip(shape, begins, extents, strict=True):
            if begin < 0 or extent < 1 or begin + extent > n:
                raise InputError("slice", f"{begin} to {begin + extent}", f"inside 0 to {n}")
        return SliceAttrs(begins, extents)

    def places(self, attrs: SliceAttrs, inputs: Sequence[Tensor | None]) -> Places:
        strides = contiguous_strides(common.input0(inputs).shape)
        offset = sum(b * s for b, s in zip(attrs.begins, strides, strict=True))
        return Places(offset, attrs.extents, strides)


OPERATOR = Slice()
