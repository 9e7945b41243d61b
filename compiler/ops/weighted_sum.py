# SPDX-License-Identifier: Apache-2.0
"""ADD and SUB as one weighted sum: floor(a * a_weight + b * b_weight + offset).

TensorFlow Lite rounds operands, sum and output. A sum that is rounded once is nearly always the
same for all 65536 pairs of numbers, which are compared here, and takes a third of the instructions.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common, sums
from netsuke.compiler.ops.base import Isa, KernelCall
from netsuke.compiler.ops.broadcast import Elementwise

BITS = 28
"""NK_WEIGHTED_SUM_BITS"""


NUMBERS = np.arange(common.INT8_MIN, common.INT8_MAX + 1)

BEYOND = 2**45
"""Larger than all products that are compared."""


@dataclass(frozen=True, slots=True)
class SumAttrs(Attrs):
    """`activation` is the fused one, a common.Activation."""

    activation: int = 0


S = TypeVar("S", bound=SumAttrs)


@dataclass(frozen=True, slots=True)
class Weights:
    """Fixed-point numbers of BITS fraction bits."""

    a: int
    b: int
    offset: int

    def fields(self, low: int, high: int) -> dict[str, int]:
        """The quantization fields of nk_weighted_sum_dsp."""
        word = self.offset & 0xFFFFFFFF
        return {
            "a_weight": self.a,
            "b_weight": self.b,
            "offset_high": self.offset >> 32,
            "offset_low": word - (word >> 31 << 32),
            "low": low,
            "high": high,
        }


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """TensorFlow Lite's ADD (sign 1) or SUB (sign -1) of two int8 numbers, clamped to [low, high].

    `scales` and `zero_points` are those of a, b and the output.
    """

    multipliers: sums.Multipliers
    scales: tuple[float, float, float]
    zero_points: tuple[int, int, int]
    sign: int
    low: int
    high: int

    def of_all_pairs(self) -> Array:
        """The outputs for a, b = -128 to 127: shape [256, 256], int64."""
        m = self.multipliers
        a, b = (
            multiply_by_quantized_multiplier((NUMBERS - zero_point) << m.left_shift, *multiplier)
            for zero_point, multiplier in zip(self.zero_points, (m.a, m.b), strict=False)
        )
        scaled = multiply_by_quantized_multiplier(a[:, None] + self.sign * b, *m.output)
        outputs: Array = np.clip(scaled + self.zero_points[2], self.low, self.high)
        return outputs


@functools.lru_cache(maxsize=256)
def weights(arithmetic: Arithmetic) -> Weights | None:
    """Weights that give the same outputs for all pairs, None where none are found."""
    a_scale, b_scale, out_scale = arithmetic.scales
    a, b = (round(s / out_scale * 2**BITS) for s in (a_scale, arithmetic.sign * b_scale))
    if max(abs(a), abs(b)) >= 2**31:
        return None
    weighted, outputs = NUMBERS[:, None] * a + NUMBERS * b, arithmetic.of_all_pairs()
    least = ((outputs << BITS) - weighted)[outputs > arithmetic.low]
    below = (((outputs + 1) << BITS) - weighted)[outputs < arithmetic.high]
    first, end = int(least.max(initial=-BEYOND)), int(below.min(initial=BEYOND))
    return Weights(a, b, (first + end) // 2) if first < end else None


class WeightedSum(Elementwise[S]):
    """Base of ADD and SUB."""

    constraints = (*Elementwise.constraints, sums.summable)

    sign: ClassVar[int]
    """Of b."""

    def quantization(
        self, attrs: S, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        low, high = common.activation_range(attrs.activation, out)
        return sums.fields(sums.add_multipliers(inputs, out), inputs, out, low, high)

    def evaluate(
        self,
        attrs: S,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        multipliers = sums.add_multipliers(inputs, out)
        a, b = sums.scaled_operands(multipliers, inputs, values)
        low, high = common.activation_range(attrs.activation, out)
        return sums.rescaled(a + self.sign * b, multipliers, out, low, high)

    def kernel(
        self, attrs: S, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        portable = super().kernel(attrs, inputs, out, isa, block)
        a, b = sums.pair(inputs)
        low, high = (dict(self.quantization(attrs, inputs, out))[k] for k in ("low", "high"))
        arithmetic = Arithmetic(
            sums.add_multipliers(inputs, out),
            (a.q.scale, b.q.scale, out.q.scale),
            (a.q.zero_point, b.q.zero_point, out.q.zero_point),
            self.sign,
            low,
            high,
        )
        found = weights(arithmetic) if isa != "portable" else None
        if found is None:
            return portable
        fields = self.operand_fields(inputs, out, block) | found.fields(low, high)
        return KernelCall(
            "nk_weighted_sum_dsp_row",
            "nk_weighted_sum_dsp",
            "weighted_sum_dsp",
            "kernels_dsp/weighted_sum.c",
            tuple(fields.items()),
            takes_row=True,
        )
