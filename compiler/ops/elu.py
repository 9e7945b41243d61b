# SPDX-License-Identifier: Apache-2.0
"""ELU: x, or exp(x) - 1 where x is negative.

Source: tensorflow/lite/micro/kernels/elu.cc (PopulateLookupTable).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
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
    monotone = "increasing"

    def table(self, attrs: EluAttrs, source: Tensor, out: Tensor) -> Array:
        return from_real_function(_elu, source, out)


OPERATOR = Elu()
