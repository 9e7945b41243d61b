# SPDX-License-Identifier: Apache-2.0
"""SUM over any axes. The kernel is MEAN's with another multiplier.

Source: tensorflow/lite/kernels/internal/reference/reduce.h (QuantizedMeanOrSum).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.fixed_point import quantize_multiplier
from netsuke.compiler.ir import Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.mean import Averaging
from netsuke.compiler.ops.reduce import ReduceAttrs


@dataclass(frozen=True, slots=True)
class SumAttrs(ReduceAttrs):
    pass


class Sum(Averaging[SumAttrs]):
    name = "sum"
    builtin = "SUM"
    attrs_type = SumAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SumAttrs:
        return SumAttrs(*self.axes_and_keep_dims(options, inputs))

    def multiplier(self, scale: float, out_scale: float, count: int) -> tuple[int, int]:
        return quantize_multiplier(scale / out_scale)


OPERATOR = Sum()
