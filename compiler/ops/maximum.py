# SPDX-License-Identifier: Apache-2.0
"""MAXIMUM: the greater of two numbers, element by element, with broadcasting.

Source: tensorflow/lite/micro/kernels/maximum_minimum.{cc,h}.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.extreme import Extreme


@dataclass(frozen=True, slots=True)
class MaximumAttrs(Attrs):
    pass


class Maximum(Extreme[MaximumAttrs]):
    name = "maximum"
    builtin = "MAXIMUM"
    attrs_type = MaximumAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MaximumAttrs:
        return MaximumAttrs()

    def choose(self, a: Array, b: Array) -> Array:
        chosen: Array = np.maximum(a, b)
        return chosen


OPERATOR = Maximum()
