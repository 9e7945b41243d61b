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
    quantize_multiplier,
    rounding_divide_by_pot,
)
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, gemmlowp
from netsuke.compiler.ops.base import (
    Access,
    ConstArray,
    Cut,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    Part,
    Rows,
)

INTEGER_BITS = 5
"""The exponential's argument is Q5.26."""

SUM_INTEGER_BITS = 12
"""The sum of exponentials is Q12.19."""


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
    scaled = gemmlowp.mul(-distance << shift, multiplier)
    return gemmlowp.exp_on_negative_values(scaled, INTEGER_BITS).astype(np.int32)


def reciprocal(total: Array) -> tuple[Array, Array]:
    """(1 / total in Q0.31 of the number normalized to [1, 2), bits over unit); total is Q12.19."""
    headroom = 32 - np.frexp(total.astype(np.float64))[1]
    fraction = (total << headroom) - (1 << 31)
    return gemmlowp.one_over_one_plus_x(fraction), SUM_INTEGER_BITS - headroom


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
        result = rounding_divide_by_pot(gemmlowp.mul(scale, exps), bits + 31 - 8)
        return common.clamp_int8(np.where(counted, result, 0) + common.INT8_MIN)

    def part(
        self, attrs: SoftmaxAttrs, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut
    ) -> Part | None:
        return None if cut.axis == len(out.shape) - 1 else Part(attrs, (cut,))

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
        table = exp_table(attrs.beta, common.input0(inputs).q.scale)[::-1]
        depth = out.shape[-1]
        return KernelCall(
            "nk_softmax_row",
            "nk_softmax",
            "softmax",
            "kernels/softmax.c",
            (
                ("exp", ConstArray(np.pad(table, (256 - len(table), 0)))),
                ("vectors", block * out.row_bytes // depth),
                ("depth", depth),
            ),
        )


OPERATOR = Softmax()
