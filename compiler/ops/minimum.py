# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: the lesser of two numbers, element by element, with broadcasting.

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
class MinimumAttrs(Attrs):
    pass


class Minimum(Extreme[MinimumAttrs]):
    name = "minimum"
    builtin = "MINIMUM"
    attrs_type = MinimumAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MinimumAttrs:
        return MinimumAttrs()

    def choose(self, a: Array, b: Array) -> Array:
        chosen: Array = np.minimum(a, b)
        return chosen


OPERATOR = Minimum()
