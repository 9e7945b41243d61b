# SPDX-License-Identifier: Apache-2.0
"""TANH.

Source: tensorflow/lite/micro/kernels/tanh.cc, kernels/internal/reference/integer_ops/tanh.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import rounding_divide_by_pot
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, gemmlowp
from netsuke.compiler.ops.logistic import INTEGER_BITS, scaled_to_q4, usable_scale
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class TanhAttrs(Attrs):
    pass


def output_quantization(graph: Graph, op: Op) -> str | None:
    """The output must have scale 1/128 and zero point 0"""
    quant = graph.output(op).q
    if (quant.scale, quant.zero_point) == (1 / 128, 0):
        return None
    return f"scale {quant.scale:g}, zero point {quant.zero_point}"


class Tanh(Table[TanhAttrs]):
    name = "tanh"
    builtin = "TANH"
    attrs_type = TanhAttrs
    constraints = (*common.INT8, output_quantization, usable_scale)
    monotone = "increasing"

    def table(self, attrs: TanhAttrs, source: Tensor, out: Tensor) -> Array:
        numbers = ALL_INT8 - source.q.zero_point
        scaled, radius = scaled_to_q4(source.q.scale, numbers)
        fine = rounding_divide_by_pot(gemmlowp.tanh(scaled, INTEGER_BITS), 31 - 7)
        ends = np.where(numbers <= -radius, common.INT8_MIN, common.INT8_MAX)
        return np.where(np.abs(numbers) < radius, common.clamp_int8(fine), ends).astype(np.int8)


OPERATOR = Tanh()
