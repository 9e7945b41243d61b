# SPDX-License-Identifier: Apache-2.0
"""ADD: a + b with broadcasting.

Source: tensorflow/lite/micro/kernels/add_common.cc, kernels/internal/reference/add.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common, sums
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.weighted_sum import WeightedSum


@dataclass(frozen=True, slots=True)
class AddAttrs(Attrs):
    """`activation` is the fused one, a common.Activation."""

    activation: int = 0


class Add(WeightedSum[AddAttrs]):
    name = "add"
    builtin = "ADD"
    sign = 1
    attrs_type = AddAttrs
    monotone = "increasing"
    constraints = (*WeightedSum.constraints, sums.summable)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> AddAttrs:
        return AddAttrs(options.int("fused_activation_function"))

    def quantization(
        self, attrs: AddAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        low, high = common.activation_range(attrs.activation, out)
        return sums.fields(sums.add_multipliers(inputs, out), inputs, out, low, high)

    def evaluate(
        self,
        attrs: AddAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = sums.scaled_operands(sums.add_multipliers(inputs, out), inputs, values)
        low, high = common.activation_range(attrs.activation, out)
        return sums.rescaled(a + b, sums.add_multipliers(inputs, out), out, low, high)


OPERATOR = Add()
