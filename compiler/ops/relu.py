# SPDX-License-Identifier: Apache-2.0
"""RELU: max(x, 0), with input and output quantized differently if need be.

Source: tensorflow/lite/micro/kernels/activations_common.cc (CalculateReluOpData), activations.h.
"""

from __future__ import annotations

from dataclasses import dataclass

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class ReluAttrs(Attrs):
    pass


class Relu(Table[ReluAttrs]):
    name = "relu"
    builtin = "RELU"
    attrs_type = ReluAttrs
    monotone = "increasing"

    def table(self, attrs: ReluAttrs, source: Tensor, out: Tensor) -> Array:
        # Old versions of the reference divide in float32; the oracle's does not.
        real = source.q.scale / out.q.scale
        scaled = multiply_by_quantized_multiplier(
            ALL_INT8 - source.q.zero_point, *quantize_multiplier(real)
        )
        low = max(common.INT8_MIN, out.q.zero_point)
        return common.clamp_int8(scaled + out.q.zero_point, low)


OPERATOR = Relu()
