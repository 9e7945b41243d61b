# SPDX-License-Identifier: Apache-2.0
"""LOGISTIC: 1 / (1 + exp(-x)).

Source: tensorflow/lite/micro/kernels/logistic_common.cc,
kernels/internal/reference/integer_ops/logistic.h.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, rounding_divide_by_pot
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, gemmlowp
from netsuke.compiler.ops.table import ALL_INT8, Table

INTEGER_BITS = 4


@dataclass(frozen=True, slots=True)
class LogisticAttrs(Attrs):
    pass


def scaled_to_q4(scale: float, numbers: Array) -> tuple[Array, int]:
    """(numbers * scale in Q4.27, the magnitude from which on that saturates).

    LOGISTIC and TANH share it; unlike QuantizeMultiplier it may leave a multiplier of 2**31.
    """
    fraction, shift = math.frexp(scale * (1 << (31 - INTEGER_BITS)))
    multiplier = math.floor(fraction * 2**31 + 0.5)
    limit = (2**INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS) / 2**shift
    radius = math.floor(limit)
    if radius == 0:  # from a scale of 8 on; the reference shifts nothing then
        return np.zeros_like(numbers), radius
    inside = np.clip(numbers, -radius, radius)
    return multiply_by_quantized_multiplier(inside, multiplier, shift), radius


def usable_scale(graph: Graph, op: Op) -> str | None:
    """The input scale must lie between 2^-27 and 2^30"""
    scale = common.input0(graph.input_tensors(op)).q.scale
    return None if 2.0**-27 < scale < 2.0**30 else f"{scale:g}"


def output_quantization(graph: Graph, op: Op) -> str | None:
    """The output must have scale 1/256 and zero point -128"""
    quant = graph.output(op).q
    if (quant.scale, quant.zero_point) == (1 / 256, -128):
        return None
    return f"scale {quant.scale:g}, zero point {quant.zero_point}"


class Logistic(Table[LogisticAttrs]):
    name = "logistic"
    builtin = "LOGISTIC"
    attrs_type = LogisticAttrs
    constraints = (*common.INT8, output_quantization, usable_scale)
    monotone = "increasing"

    def table(self, attrs: LogisticAttrs, source: Tensor, out: Tensor) -> Array:
        numbers = ALL_INT8 - source.q.zero_point
        scaled, radius = scaled_to_q4(source.q.scale, numbers)
        fine = rounding_divide_by_pot(gemmlowp.logistic(scaled, INTEGER_BITS), 31 - 8)
        inside = common.clamp_int8(fine + common.INT8_MIN)
        ends = np.where(numbers <= -radius, common.INT8_MIN, common.INT8_MAX)
        return np.where(np.abs(numbers) < radius, inside, ends).astype(np.int8)


OPERATOR = Logistic()
