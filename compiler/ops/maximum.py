# SPDX-License-Identifier: Apache-2.0
"""MAXIMUM: the greater of two numbers, element by element, with broadcasting.

Source: tensorflow/lite/micro/kernels/maximum_minimum.{cc,h}.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.broadcast import Elementwise


@dataclass(frozen=True, slots=True)
class MaximumAttrs(Attrs):
    pass


class Maximum(Elementwise[MaximumAttrs]):
    name = "maximum"
    builtin = "MAXIMUM"
    attrs_type = MaximumAttrs
    constraints = (*Elementwise.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MaximumAttrs:
        return MaximumAttrs()

    def quantization(
        self, attrs: MaximumAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        return {}  # numbers of one quantization compare as they are

    def evaluate(
        self,
        attrs: MaximumAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = values
        assert a is not None and b is not None
        chosen: Array = np.maximum(a, b)
        return chosen


OPERATOR = Maximum()
