# SPDX-License-Identifier: Apache-2.0
"""DIV: a / b with broadcasting.

The reference multiplies by a reciprocal of b; the kernel has a table of them. A divisor of 0, for
which the reference promises nothing, gives what the oracle's bytes are.
Source: tensorflow/lite/micro/kernels/div.cc, kernels/internal/reference/div.h, GetReciprocal in
kernels/internal/common.h, gemmlowp fixedpoint/fixedpoint.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import (
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common, gemmlowp, sums
from netsuke.compiler.ops.base import ConstArray, Isa, KernelCall, OptionReader
from netsuke.compiler.ops.broadcast import Elementwise

OF_ZERO = -1515870788
"""The reference's reciprocal of 0, where Newton's steps leave 32 bits; its shift is -1."""

DIVISORS = np.arange(256)
"""What a divisor can be without its sign, less its zero point."""


@dataclass(frozen=True, slots=True)
class DivAttrs(Attrs):
    """`activation` is the fused one, a common.Activation."""

    activation: int = 0


def scaling(inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, int]:
    """(multiplier, shift) of the quotient of scales to the output's, taken in double."""
    a, b = sums.pair(inputs)
    return quantize_multiplier(a.q.scale / (b.q.scale * out.q.scale))


def dividable(graph: Graph, op: Op) -> str | None:
    """The first scale divided by the second and the output's must be from 2^-24 to below 2^22"""
    shift = scaling(graph.input_tensors(op), graph.output(op))[1]
    return None if -23 <= shift <= 22 else f"about 2^{shift}"


def reciprocals() -> tuple[Array, Array]:
    """For every divisor (multiplier, shift): 1 / divisor is about multiplier * 2^(-31 - shift)."""
    shifts = np.array([-1, *(int(n).bit_length() - 1 for n in DIVISORS[1:])])
    fractions = (DIVISORS[1:] << (31 - shifts[1:])) - (1 << 31)
    return np.array([OF_ZERO, *gemmlowp.one_over_one_plus_x(fractions)]), shifts


def headroom(x: Array) -> Array:
    """The left shift that brings a number of less than 9 bits to 31."""
    bits = [int(n).bit_length() for n in range(256)]
    return 31 - np.array(bits)[np.where(x < 0, ~x, x)]


def shifted_right(x: Array, shift: Array) -> Array:
    """x / 2^shift, rounded; beyond 31 bits as the reference's arithmetic in 32 bits has it."""
    far = (x >> (shift & 31)) + (x >= 0)
    return np.where(shift > 31, far, rounding_divide_by_pot(x, np.minimum(shift, 31)))


class Div(Elementwise[DivAttrs]):
    name = "div"
    builtin = "DIV"
    attrs_type = DivAttrs
    constraints = (*Elementwise.constraints, dividable)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> DivAttrs:
        return DivAttrs(options.int("fused_activation_function"))

    def evaluate(
        self,
        attrs: DivAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = (
            v.astype(np.int64) - t.q.zero_point
            for t, v in zip(sums.pair(inputs), values, strict=True)
            if v is not None
        )
        inverse, inverse_shift = (table[np.abs(b)] for table in reciprocals())
        dividend = np.where(b < 0, -a, a)
        left = headroom(dividend)
        multiplier, shift = scaling(inputs, out)
        quotient = saturating_rounding_doubling_high_mul(dividend << left, inverse)
        scaled = saturating_rounding_doubling_high_mul(quotient, multiplier)
        result = shifted_right(scaled, inverse_shift + left - shift)
        low, high = common.activation_range(attrs.activation, out)
        return common.clamp_int8(result + out.q.zero_point, low, high)

    def kernel(
        self,
        attrs: DivAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        a, b = sums.pair(inputs)
        multiplier, shift = scaling(inputs, out)
        inverse, inverse_shift = reciprocals()
        low, high = common.activation_range(attrs.activation, out)
        fields = self.operand_fields(inputs, out, block) | {
            "reciprocals": ConstArray(inverse.astype(np.int32)),
            "shifts": ConstArray((inverse_shift - shift).astype(np.int8)),
            "a_zero_point": a.q.zero_point,
            "b_zero_point": b.q.zero_point,
            "out_zero_point": out.q.zero_point,
            "multiplier": multiplier,
            "low": low,
            "high": high,
        }
        return KernelCall(
            "nk_div_row", "nk_div", "div", "kernels/div.c", tuple(fields.items()), takes_row=True
        )


OPERATOR = Div()
