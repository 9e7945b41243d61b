# SPDX-License-Identifier: Apache-2.0
"""ADD: a + b with broadcasting.

Source: tensorflow/lite/micro/kernels/add_common.cc, kernels/internal/reference/add.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.weighted_sum import SumAttrs, WeightedSum


@dataclass(frozen=True, slots=True)
class AddAttrs(SumAttrs):
    pass


class Add(WeightedSum[AddAttrs]):
    name = "add"
    builtin = "ADD"
    sign = 1
    attrs_type = AddAttrs
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> AddAttrs:
        return AddAttrs(options.int("fused_activation_function"))


OPERATOR = Add()
