# SPDX-License-Identifier: Apache-2.0
"""SUB: a - b with broadcasting.

Source: tensorflow/lite/micro/kernels/sub_common.cc, kernels/internal/reference/sub.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.weighted_sum import SumAttrs, WeightedSum


@dataclass(frozen=True, slots=True)
class SubAttrs(SumAttrs):
    pass


class Sub(WeightedSum[SubAttrs]):
    name = "sub"
    builtin = "SUB"
    sign = -1
    attrs_type = SubAttrs
    monotone = "separately"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SubAttrs:
        return SubAttrs(options.int("fused_activation_function"))


OPERATOR = Sub()
