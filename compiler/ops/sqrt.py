# SPDX-License-Identifier: Apache-2.0
"""SQRT: the square root.

tflite-micro has no int8 SQRT; the reference is LiteRT's own, which computes in float32 and rounds
towards zero. Source: tflite/kernels/elementwise.cc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.rsqrt import not_negative
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class SqrtAttrs(Attrs):
    pass


class Sqrt(Table[SqrtAttrs]):
    name = "sqrt"
    builtin = "SQRT"
    attrs_type = SqrtAttrs
    constraints = (*common.INT8, not_negative)
    monotone = "increasing"

    def table(self, attrs: SqrtAttrs, source: Tensor, out: Tensor) -> Array:
        real = np.float32(source.q.scale) * (ALL_INT8 - source.q.zero_point).astype(np.float32)
        scaled = np.floor(np.sqrt(real) / np.float32(out.q.scale))
        return common.clamp_int8(scaled.astype(np.float64) + out.q.zero_point)


OPERATOR = Sqrt()
