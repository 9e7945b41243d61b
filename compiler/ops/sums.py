# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of ADD, SUB and SQUARED_DIFFERENCE: operands brought to one scale, then back.

Both operands are scaled to half of the larger input scale, shifted left by some bits so that the
rounding is fine, combined, and scaled to the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Graph, Op, Tensor
from netsuke.compiler.ops import common

LEFT_SHIFT = 20


@dataclass(frozen=True, slots=True)
class Multipliers:
    """(multiplier, shift) of both operands and of the output; operands are shifted left first."""

    a: tuple[int, int]
    b: tuple[int, int]
    output: tuple[int, int]
    left_shift: int


def pair(inputs: Sequence[Tensor | None]) -> tuple[Tensor, Tensor]:
    """Both operands."""
    a, b = inputs
    assert a is not None and b is not None
    return a, b


def add_multipliers(inputs: Sequence[Tensor | None], out: Tensor) -> Multipliers:
    """ADD's and SUB's, computed in float64.

    Source: CalculateOpDataAdd. Old versions of CalculateOpDataSub divide in float32; the oracle's
    does not.
    """
    a, b = pair(inputs)
    twice_max = 2 * max(a.q.scale, b.q.scale)
    return Multipliers(
        quantize_multiplier(a.q.scale / twice_max),
        quantize_multiplier(b.q.scale / twice_max),
        quantize_multiplier(twice_max / ((1 << LEFT_SHIFT) * out.q.scale)),
        LEFT_SHIFT,
    )


def summable(graph: Graph, op: Op) -> str | None:
    """The larger input scale must be less than 524288 times the output scale"""
    largest = max(t.q.scale for t in pair(graph.input_tensors(op)))
    scale = graph.output(op).q.scale
    return None if largest < scale * 2**19 else f"scales {largest:g} and {scale:g}"


def fields(
    m: Multipliers, inputs: Sequence[Tensor | None], out: Tensor, low: int, high: int
) -> dict[str, int]:
    """The quantization fields of nk_sums, the struct of the three kernels."""
    a, b = pair(inputs)
    return {
        "a_zero_point": a.q.zero_point,
        "b_zero_point": b.q.zero_point,
        "out_zero_point": out.q.zero_point,
        "left_shift": m.left_shift,
        "a_multiplier": m.a[0],
        "a_shift": -m.a[1],
        "b_multiplier": m.b[0],
        "b_shift": -m.b[1],
        "out_multiplier": m.output[0],
        "out_shift": -m.output[1],
        "low": low,
        "high": high,
    }


def scaled_operands(
    m: Multipliers, inputs: Sequence[Tensor | None], values: Sequence[Array | None]
) -> tuple[Array, Array]:
    """Both operands at the common scale, broadcast as numpy does."""
    scaled = []
    for tensor, value, rescale in zip(pair(inputs), values, (m.a, m.b), strict=True):
        assert value is not None
        numbers = np.arange(common.INT8_MIN, common.INT8_MAX + 1) - tensor.q.zero_point
        table = multiply_by_quantized_multiplier(numbers << m.left_shift, *rescale)
        scaled.append(table[value.astype(np.int64) - common.INT8_MIN])
    return scaled[0], scaled[1]


def rescaled(values: Array, m: Multipliers, out: Tensor, low: int, high: int) -> Array:
    """Values of the common scale as int8 of the output, clamped."""
    scaled = multiply_by_quantized_multiplier(values, *m.output)
    return common.clamp_int8(scaled + out.q.zero_point, low, high)
