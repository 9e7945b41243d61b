# SPDX-License-Identifier: Apache-2.0
"""RSQRT: 1 / sqrt(x).

Source: tensorflow/lite/micro/kernels/elementwise.cc (RsqrtEvalQuantized),
kernels/internal/common.h (GetInvSqrtQuantizedMultiplierExp).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, gemmlowp
from netsuke.compiler.ops.table import ALL_INT8, Table

SHIFT = 20
"""Fraction bits that the reference keeps between its two multiplications."""


@dataclass(frozen=True, slots=True)
class RsqrtAttrs(Attrs):
    pass


def not_negative(graph: Graph, op: Op) -> str | None:
    """The input must have zero point -128, so that it cannot be negative"""
    zero_point = common.input0(graph.input_tensors(op)).q.zero_point
    return None if zero_point == common.INT8_MIN else str(zero_point)


def usable_scales(graph: Graph, op: Op) -> str | None:
    """1 / (sqrt(input scale) * output scale) must be from 2^-11 to less than 2^50"""
    shift = _multiplier(common.input0(graph.input_tensors(op)), graph.output(op))[1]
    return None if -10 <= shift <= 50 else f"about 2^{shift}"


def _multiplier(source: Tensor, out: Tensor) -> tuple[int, int]:
    return quantize_multiplier(1.0 / (math.sqrt(source.q.scale) * out.q.scale))


class Rsqrt(Table[RsqrtAttrs]):
    name = "rsqrt"
    builtin = "RSQRT"
    attrs_type = RsqrtAttrs
    constraints = (*common.INT8, not_negative, usable_scales)

    def table(self, attrs: RsqrtAttrs, source: Tensor, out: Tensor) -> Array:
        multiplier, shift = _multiplier(source, out)
        numbers = ALL_INT8 - source.q.zero_point
        inverses = [gemmlowp.inverse_sqrt_multiplier(int(n)) for n in numbers]
        inverse, inverse_shift = np.array(inverses, np.int64).T
        fine = multiply_by_quantized_multiplier(np.array(1), inverse, inverse_shift + SHIFT)
        scaled = multiply_by_quantized_multiplier(fine, multiplier, shift - SHIFT)
        result = common.clamp_int8(scaled + out.q.zero_point)
        return np.where(numbers == 0, common.INT8_MAX, result).astype(np.int8)


OPERATOR = Rsqrt()
