# SPDX-License-Identifier: Apache-2.0
"""RESHAPE: the same bytes under another shape. A view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Cut, OptionReader, Part
from netsuke.compiler.ops.view import View


@dataclass(frozen=True, slots=True)
class ReshapeAttrs(Attrs):
    """`shape` is the output's; None when the file computes it at run time."""

    shape: tuple[int, ...] | None


def constant_shape(graph: Graph, op: Op) -> str | None:
    """The new shape must be a constant input or an option"""
    assert isinstance(op.attrs, ReshapeAttrs)
    return "a computed shape" if op.attrs.shape is None else None


def _resolve(shape: tuple[int, ...], elements: int) -> tuple[int, ...]:
    """`shape` with its -1, if it has one, replaced by what is left of `elements`."""
    known = math.prod(n for n in shape if n != -1)
    return tuple(elements // known if n == -1 and known else n for n in shape)


class Reshape(View[ReshapeAttrs]):
    name = "reshape"
    builtin = "RESHAPE"
    attrs_type = ReshapeAttrs
    arity = (1, 2)
    constraints = (constant_shape, *View.constraints)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> ReshapeAttrs:
        given = len(inputs) > 1 and inputs[1] is not None
        shape = common.constant_ints(inputs[1]) if given else options.ints("new_shape") or None
        elements = common.input0(inputs).elements
        return ReshapeAttrs(None if shape is None else _resolve(shape, elements))

    def infer(self, attrs: ReshapeAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape if attrs.shape is None else attrs.shape

    def part(
        self, attrs: ReshapeAttrs, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut
    ) -> Part | None:
        """Where an axis of the input covers, in whole steps, the same bytes as the cut axis."""
        shape = common.input0(inputs).shape
        step = math.prod(out.shape[cut.axis + 1 :])
        for axis, extent in enumerate(shape):
            inner = math.prod(shape[axis + 1 :])
            if inner * extent != step * out.shape[cut.axis] or extent == 1:
                continue
            start, size = cut.start * step, cut.size * step
            if start % inner == 0 and size % inner == 0:
                source = Cut(axis, start // inner, size // inner)
                rest = (None,) * (len(inputs) - 1)
                return Part(ReshapeAttrs(cut.shape(out.shape)), (source, *rest))
        return None


OPERATOR = Reshape()
