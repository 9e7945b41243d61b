# SPDX-License-Identifier: Apache-2.0
"""SUB: a - b with broadcasting.

Source: tensorflow/lite/micro/kernels/sub_common.cc, kernels/internal/reference/sub.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common, sums
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.weighted_sum import WeightedSum


@dataclass(frozen=True, slots=True)
class SubAttrs(Attrs):
    """`activation` is the fused one, a common.Activation."""

    activation: int = 0


class Sub(WeightedSum[SubAttrs]):
    name = "sub"
    builtin = "SUB"
    sign = -1
    attrs_type = SubAttrs
    constraints = (*WeightedSum.constraints, sums.summable)
    monotone = "separately"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SubAttrs:
        return SubAttrs(options.int("fused_activation_function"))

    def quantization(
        self, attrs: SubAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        low, high = common.activation_range(attrs.activation, out)
        return sums.fields(sums.add_multipliers(inputs, out), inputs, out, low, high)

    def evaluate(
        self,
        attrs: SubAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        multipliers = sums.add_multipliers(inputs, out)
        a, b = sums.scaled_operands(multipliers, inputs, values)
        low, high = common.activation_range(attrs.activation, out)
        return sums.rescaled(a - b, multipliers, out, low, high)


OPERATOR = Sub()
