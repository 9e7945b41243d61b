# SPDX-License-Identifier: Apache-2.0
"""RELU6: x clamped to [0, 6]; input and output are quantized alike.

Source: tensorflow/lite/micro/kernels/activations_common.cc (Relu6Prepare), activations.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class Relu6Attrs(Attrs):
    pass


class Relu6(Table[Relu6Attrs]):
    name = "relu6"
    builtin = "RELU6"
    attrs_type = Relu6Attrs
    constraints = (*common.INT8, common.same_quantization)
    monotone = "increasing"

    def table(self, attrs: Relu6Attrs, source: Tensor, out: Tensor) -> Array:
        low, high = common.activation_range(common.Activation.RELU6, source)
        # Where 0 lies above 6, both beyond the range, the reference gives 6 to what is above it.
        return np.where(high < ALL_INT8, high, np.maximum(ALL_INT8, low)).astype(np.int8)


OPERATOR = Relu6()
