# SPDX-License-Identifier: Apache-2.0
"""ABS.

Source: tensorflow/lite/micro/kernels/elementwise.cc (AbsEvalQuantized).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class AbsAttrs(Attrs):
    pass


class Abs(Table[AbsAttrs]):
    name = "abs"
    builtin = "ABS"
    attrs_type = AbsAttrs

    def table(self, attrs: AbsAttrs, source: Tensor, out: Tensor) -> Array:
        magnitude = np.abs(ALL_INT8 - source.q.zero_point)
        # Old versions of the reference divide in float32; the oracle's does not.
        real = source.q.scale / out.q.scale
        scaled = multiply_by_quantized_multiplier(magnitude, *quantize_multiplier(real))
        return common.clamp_int8(scaled + out.q.zero_point)


OPERATOR = Abs()
