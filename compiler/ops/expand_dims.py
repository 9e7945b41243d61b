# SPDX-License-Identifier: Apache-2.0
"""EXPAND_DIMS: inserts a dimension of 1. A view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.view import View


@dataclass(frozen=True, slots=True)
class ExpandDimsAttrs(Attrs):
    """The new dimension stands at `axis` of the output, a number from 0."""

    axis: int


class ExpandDims(View[ExpandDimsAttrs]):
    name = "expand_dims"
    builtin = "EXPAND_DIMS"
    attrs_type = ExpandDimsAttrs
    arity = (2, 2)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> ExpandDimsAttrs:
        axis = common.constant_ints(inputs[1])
        if axis is None or len(axis) != 1:
            raise InputError("axis", "none or more than one", "one constant number")
        return ExpandDimsAttrs(*common.resolved_axes(axis, len(common.input0(inputs).shape) + 1))

    def infer(self, attrs: ExpandDimsAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        shape = common.input0(inputs).shape
        return (*shape[: attrs.axis], 1, *shape[attrs.axis :])


OPERATOR = ExpandDims()
