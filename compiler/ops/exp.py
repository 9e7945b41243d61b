# SPDX-License-Identifier: Apache-2.0
"""EXP: e to the power of x.

tflite-micro has no int8 EXP; the reference is LiteRT's own, which fills a table in float32.
Source: tflite/kernels/exp.cc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops.table import Table, from_real_function

LARGEST = math.log(3.4028234e38)
"""The exponent of the largest float32 number; beyond it the reference's float32 is infinite."""


@dataclass(frozen=True, slots=True)
class ExpAttrs(Attrs):
    pass


class Exp(Table[ExpAttrs]):
    name = "exp"
    builtin = "EXP"
    attrs_type = ExpAttrs
    monotone = "increasing"

    def table(self, attrs: ExpAttrs, source: Tensor, out: Tensor) -> Array:
        return from_real_function(lambda x: math.exp(x) if x < LARGEST else math.inf, source, out)


OPERATOR = Exp()
