# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX over the last axis.

The exponential depends only on how far an element lies below the largest one, so its fixed-point
value comes from a table of at most 256 entries, computed here by the reference's own algorithm.

Source: tensorflow/lite/kernels/internal/reference/softmax.h, quantization_util.cc
(PreprocessSoftmaxScaling), gemmlowp fixedpoint/fixedpoint.h (exp_on_negative_values,
one_over_one_plus_x_for_x_in_0_1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import (
    INT32_MAX,
    INT32_MIN,
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    ConstArray,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    Rows,
)

INTEGER_BITS = 5
"""The exponential's argument is Q5.26."""

SUM_INTEGER_BITS = 12
"""The sum of exponentials is Q12.19."""


def _mul(a: Array | int, b: Array | int) -> Array:
    return saturating_rounding_doubling_high_mul(np.asarray(a), np.asarray(b))


@dataclass(frozen=True, slots=True)
class SoftmaxAttrs(Attrs):
    """softmax(beta * x); `beta` is a float32 value."""

    beta: float


def exp_table(beta: float, scale: float) -> Array:
    """exp(-d * beta * scale) in Q0.31 for d = 0, 1, ... below the largest element.

    Shape [n], n at most 256, int32. Elements further below count as zero.
    """
    unit = 1 << (31 - INTEGER_BITS)
    multiplier, shift = quantize_multiplier(min(beta * scale * unit, 2.0**31 - 1.0))
    radius = math.floor((2**INTEGER_BITS - 1) * unit / 2**shift)
    distance = np.arange(min(255, radius) + 1, dtype=np.int64)
    return exp_on_negative_values(_mul(-distance << shift, multiplier)).astype(np.int32)


_BARREL = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-2**k) in Q0.31 for k = -2, -1, ..., 4."""


def exp_on_negative_values(a: Array) -> Array:
    """gemmlowp's exp_on_negative_values: Q5.26, at most 0, to Q0.31."""
    fraction_bits = 31 - INTEGER_BITS
    quarter = 1 << (fraction_bits - 2)
    a_mod = (a & (quarter - 1)) - quarter
    result = _exp_in_quarter(a_mod << INTEGER_BITS)
    remainder = a_mod - a
    for k, factor in enumerate(_BARREL):
        chosen = (remainder & (1 << (fraction_bits - 2 + k))) != 0
        result = np.where(chosen, _mul(result, factor), result)
    return np.where(a == 0, INT32_MAX, result)


def _exp_in_quarter(a: Array) -> Array:
    """exp(a) for -1/4 <= a < 0, Q0.31 to Q0.31: Taylor's series around -1/8."""
    exp_eighth, third = 1895147668, 715827883
    x = a + (1 << 28)
    x2 = _mul(x, x)
    x3, x4 = _mul(x2, x), _mul(x2, x2)
    sixth = _mul(rounding_divide_by_pot(x4, 2) + x3, third)
    return exp_eighth + _mul(exp_eighth, x + rounding_divide_by_pot(sixth + x2, 1))


def reciprocal(total: Array) -> tuple[Array, Array]:
    """(1 / total in Q0.31 of the number normalized to [1, 2), bits over unit); total is Q12.19."""
    headroom = 32 - np.frexp(total.astype(np.float64))[1]
    fraction = (total << headroom) - (1 << 31)
    half_denominator = (fraction + INT32_MAX + 1) // 2
    x = 1515870810 + _mul(half_denominator, -1010580540)
    for _ in range(3):
        x = x + _shift_left(_mul(x, (1 << 29) - _mul(half_denominator, x)), 2)
    return _shift_left(x, 1), SUM_INTEGER_BITS - headroom


def _shift_left(x: Array, bits: int) -> Array:
    clipped: Array = np.clip(x << bits, INT32_MIN, INT32_MAX)
    return clipped


def output_quantization(graph: Graph, op: Op) -> str | None:
    """The output must have scale 1/256 and zero point -128"""
    quant = graph.output(op).q
    if (quant.scale, quant.zero_point) == (1 / 256, -128):
        return None
    return f"scale {quant.scale:g}, zero point {quant.zero_point}"


def usable_beta(graph: Graph, op: Op) -> str | None:
    """beta times the input scale must be greater than 2^-26 and beta positive"""
    assert isinstance(op.attrs, SoftmaxAttrs)
    scale = common.input0(graph.input_tensors(op)).q.scale
    return None if op.attrs.beta * scale > 2.0**-26 else f"beta {op.attrs.beta:g}"


def at_least_one_axis(graph: Graph, op: Op) -> str | None:
    """The input must have one to five dimensions and less than 4096 elements along the last"""
    shape = common.input0(graph.input_tensors(op)).shape
    return None if 1 <= len(shape) <= 5 and shape[-1] < 4096 else f"shape {shape}"


class Softmax(Operator[SoftmaxAttrs]):
    name = "softmax"
    builtin = "SOFTMAX"
    attrs_type = SoftmaxAttrs
    constraints = (*common.INT8, at_least_one_axis, output_quantization, usable_beta)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SoftmaxAttrs:
        return SoftmaxAttrs(options.float("beta"))

    def infer(self, attrs: SoftmaxAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape

    def evaluate(
        self,
        attrs: SoftmaxAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values).astype(np.int64)
        table = exp_table(attrs.beta, common.input0(inputs).q.scale).astype(np.int64)
        distance = x.max(axis=-1, keepdims=True) - x
        counted = distance < len(table)
        exps = table[np.minimum(distance, len(table) - 1)]
        terms = np.where(counted, rounding_divide_by_pot(exps, SUM_INTEGER_BITS), 0)
        scale, bits = reciprocal(terms.sum(axis=-1, keepdims=True))
        result = rounding_divide_by_pot(_mul(scale, exps), bits + 31 - 8)
        return common.clamp_int8(np.where(counted, result, 0) + common.INT8_MIN)

    def access(
        self, attrs: SoftmaxAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows(),)

    def row_local(self, attrs: SoftmaxAttrs, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return True

    def in_place(
        self, attrs: SoftmaxAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[int, ...]:
        return (0,)

    def kernel(
        self,
        attrs: SoftmaxAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        table = exp_table(attrs.beta, common.input0(inputs).q.scale)
        depth = out.shape[-1]
        return KernelCall(
            "nk_softmax_row",
            "nk_softmax",
            "softmax",
            "kernels/softmax.c",
            (
                ("exp", ConstArray(table)),
                ("entries", len(table)),
                ("vectors", block * out.row_bytes // depth),
                ("depth", depth),
            ),
        )


OPERATOR = Softmax()
