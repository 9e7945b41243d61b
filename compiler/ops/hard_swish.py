# SPDX-License-Identifier: Apache-2.0
"""HARD_SWISH: x * min(max(x + 3, 0), 6) / 6, in 16-bit fixed point.

Source: tensorflow/lite/micro/kernels/hard_swish_common.cc,
kernels/internal/reference/hard_swish.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import quantize_multiplier, rounding_divide_by_pot
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1


@dataclass(frozen=True, slots=True)
class HardSwishAttrs(Attrs):
    pass


def _high_mul(a: Array, b: int) -> Array:
    """gemmlowp's SaturatingRoundingDoublingHighMul of int16 numbers, b not negative."""
    product = a * b
    nudged = product + np.where(product >= 0, 1 << 14, 1 - (1 << 14))
    # C's division truncates towards zero.
    high: Array = np.sign(nudged) * (np.abs(nudged) >> 15)
    return high


def _shift_left(x: Array, bits: int) -> Array:
    shifted: Array = np.clip(x << bits, INT16_MIN, INT16_MAX)
    return shifted


def _multiplier(real: float) -> tuple[int, int]:
    """(16-bit multiplier, exponent)."""
    multiplier, exponent = quantize_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, INT16_MAX), exponent


def _multipliers(source: Tensor, out: Tensor) -> tuple[tuple[int, int], tuple[int, int]]:
    """To the output's scale and to that on which 3 is 2^15; taken in double."""
    fine, three = source.q.scale / 128, 3 / 32768
    return _multiplier(fine / out.q.scale), _multiplier(fine / three)


def usable_scale(graph: Graph, op: Op) -> str | None:
    """The input scale must be from 2^-8 to less than 128 times the output scale, from 2^-20 to 8"""
    source, out = common.input0(graph.input_tensors(op)), graph.output(op)
    exponent = _multipliers(source, out)[0][1]
    usable = -15 <= exponent <= 0 and 2.0**-20 <= source.q.scale <= 8
    return None if usable else f"{source.q.scale:g} and {out.q.scale:g}"


class HardSwish(Table[HardSwishAttrs]):
    name = "hard_swish"
    builtin = "HARD_SWISH"
    attrs_type = HardSwishAttrs
    constraints = (*common.INT8, usable_scale)

    def table(self, attrs: HardSwishAttrs, source: Tensor, out: Tensor) -> Array:
        (output, output_exponent), (relu, exponent) = _multipliers(source, out)
        fine = (ALL_INT8 - source.q.zero_point) << 7
        before_shift = _high_mul(fine, output)
        gate = _high_mul(_shift_left(fine, max(exponent - 1, 0)), relu)
        gate = _shift_left(gate, min(max(exponent, 0), 1))
        gate = rounding_divide_by_pot(gate, max(-exponent, 0))
        gate = (gate + (1 << 15)) >> 1
        # SaturatingDoublingHighMul: no rounding, truncated towards zero.
        product = gate * before_shift
        gated = np.sign(product) * (np.abs(product) >> 15)
        scaled = rounding_divide_by_pot(gated, -output_exponent)
        return common.clamp_int8(scaled + out.q.zero_point)


OPERATOR = HardSwish()
