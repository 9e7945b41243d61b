# SPDX-License-Identifier: Apache-2.0
"""SQUARED_DIFFERENCE: (a - b)^2 with broadcasting.

Source: tensorflow/lite/micro/kernels/squared_difference.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.fixed_point import quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common, sums
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.broadcast import Elementwise

LEFT_SHIFT = 7
"""Leaves room for the square in 32 bits."""


@dataclass(frozen=True, slots=True)
class SquaredDifferenceAttrs(Attrs):
    pass


def multipliers(inputs: Sequence[Tensor | None], out: Tensor) -> sums.Multipliers:
    a, b = sums.pair(inputs)
    twice_max = 2 * max(a.q.scale, b.q.scale)
    square = twice_max * twice_max / ((1 << LEFT_SHIFT * 2) * out.q.scale)
    return sums.Multipliers(
        quantize_multiplier(a.q.scale / twice_max),
        quantize_multiplier(b.q.scale / twice_max),
        quantize_multiplier(square),
        LEFT_SHIFT,
    )


class SquaredDifference(Elementwise[SquaredDifferenceAttrs]):
    name = "squared_difference"
    builtin = "SQUARED_DIFFERENCE"
    attrs_type = SquaredDifferenceAttrs

    def read(
        self, options: OptionReader, inputs: Sequence[Tensor | None]
    ) -> SquaredDifferenceAttrs:
        return SquaredDifferenceAttrs()

    def quantization(
        self, attrs: SquaredDifferenceAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        m = multipliers(inputs, out)
        fields = sums.fields(m, inputs, out, common.INT8_MIN, common.INT8_MAX)
        # The square may have to be scaled up: a shift to the left is positive here.
        return fields | {"out_shift": m.output[1]}

    def evaluate(
        self,
        attrs: SquaredDifferenceAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        m = multipliers(inputs, out)
        a, b = sums.scaled_operands(m, inputs, values)
        return sums.rescaled((a - b) ** 2, m, out, common.INT8_MIN, common.INT8_MAX)


OPERATOR = SquaredDifference()
