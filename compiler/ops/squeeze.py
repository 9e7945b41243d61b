# SPDX-License-Identifier: Apache-2.0
"""SQUEEZE: drops dimensions of 1. A view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.view import View


@dataclass(frozen=True, slots=True)
class SqueezeAttrs(Attrs):
    """`axes` are dropped: rising numbers from 0."""

    axes: tuple[int, ...]


class Squeeze(View[SqueezeAttrs]):
    name = "squeeze"
    builtin = "SQUEEZE"
    attrs_type = SqueezeAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SqueezeAttrs:
        shape = common.input0(inputs).shape
        ones = tuple(i for i, n in enumerate(shape) if n == 1)
        given = options.ints("squeeze_dims")
        axes = common.resolved_axes(given, len(shape)) if given else ones
        if not set(axes) <= set(ones):
            raise InputError("squeeze_dims", str(list(axes)), "axes of extent 1")
        return SqueezeAttrs(axes)

    def infer(self, attrs: SqueezeAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return tuple(n for i, n in enumerate(common.input0(inputs).shape) if i not in attrs.axes)


OPERATOR = Squeeze()
