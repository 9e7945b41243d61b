# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: the lesser of two numbers, element by element, with broadcasting.

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
class MinimumAttrs(Attrs):
    pass


class Minimum(Elementwise[MinimumAttrs]):
    name = "minimum"
    builtin = "MINIMUM"
    attrs_type = MinimumAttrs
    constraints = (*Elementwise.constraints, common.same_quantization)
    monotone = "increasing"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MinimumAttrs:
        return MinimumAttrs()

    def quantization(
        self, attrs: MinimumAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        return {}  # numbers of one quantization compare as they are

    def evaluate(
        self,
        attrs: MinimumAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = values
        assert a is not None and b is not None
        chosen: Array = np.minimum(a, b)
        return chosen


OPERATOR = Minimum()
