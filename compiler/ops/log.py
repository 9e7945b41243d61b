# SPDX-License-Identifier: Apache-2.0
"""LOG: the natural logarithm.

tflite-micro has no int8 LOG; the reference is LiteRT's own, which fills a table in float32.
Source: tflite/kernels/elementwise.cc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops.table import Table, from_real_function


@dataclass(frozen=True, slots=True)
class LogAttrs(Attrs):
    pass


class Log(Table[LogAttrs]):
    name = "log"
    builtin = "LOG"
    attrs_type = LogAttrs
    monotone = "increasing"

    def table(self, attrs: LogAttrs, source: Tensor, out: Tensor) -> Array:
        return from_real_function(lambda x: math.log(x) if x > 0 else -math.inf, source, out)


OPERATOR = Log()
