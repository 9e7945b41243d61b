# SPDX-License-Identifier: Apache-2.0
"""ELU of int8, or in float32 as a converter leaves it: x, or exp(x) - 1 where x is negative.

float32 is not computed on the device: passes make one table of DEQUANTIZE, ELU and QUANTIZE.
Source: tensorflow/lite/micro/kernels/elu.cc (PopulateLookupTable), kernels/internal/reference/
elu.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import Table, from_real_function


@dataclass(frozen=True, slots=True)
class EluAttrs(Attrs):
    pass


def _elu(x: float) -> float:
    """In float32; its exponential is rounded from the one in double."""
    return x if x >= 0 else float(np.float32(np.exp(x)) - np.float32(1))


class Elu(Table[EluAttrs]):
    name = "elu"
    builtin = "ELU"
    attrs_type = EluAttrs
    constraints = (common.int8_or_float32, common.quantized_int8, common.no_scalar)
    real = True
    monotone = "increasing"

    def table(self, attrs: EluAttrs, source: Tensor, out: Tensor) -> Array:
        return from_real_function(_elu, source, out)

    def evaluate(
        self,
        attrs: EluAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values)
        if x.dtype != np.float32:
            return super().evaluate(attrs, inputs, values, out)
        real: Array = np.where(x < 0, np.expm1(x.astype(np.float64)), x).astype(np.float32)
        return real


OPERATOR = Elu()
