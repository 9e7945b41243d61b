# SPDX-License-Identifier: Apache-2.0
"""MUL: a * b, element by element, with broadcasting.

Source: tensorflow/lite/micro/kernels/mul_common.cc,
kernels/internal/reference/integer_ops/mul.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Isa, KernelCall, OptionReader
from netsuke.compiler.ops.broadcast import Elementwise


@dataclass(frozen=True, slots=True)
class MulAttrs(Attrs):
    """`activation` is the fused one, a common.Activation."""

    activation: int = 0


def _multiplier(inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, int]:
    a, b = inputs
    assert a is not None and b is not None
    return quantize_multiplier(a.q.scale * b.q.scale / out.q.scale)


def scale_of_product(graph: Graph, op: Op) -> str | None:
    """The product of the input scales must be less than 32768 times the output scale"""
    multiplier = _multiplier(graph.input_tensors(op), graph.output(op))
    return None if multiplier[1] <= 15 else f"2^{multiplier[1]} times it"


class Mul(Elementwise[MulAttrs]):
    name = "mul"
    builtin = "MUL"
    attrs_type = MulAttrs
    constraints = (*Elementwise.constraints, scale_of_product)
    monotone = "separately"

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MulAttrs:
        return MulAttrs(options.int("fused_activation_function"))

    def quantization(
        self, attrs: MulAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        a, b = inputs
        assert a is not None and b is not None
        multiplier, shift = _multiplier(inputs, out)
        low, high = common.activation_range(attrs.activation, out)
        return {
            "a_zero_point": a.q.zero_point,
            "b_zero_point": b.q.zero_point,
            "out_zero_point": out.q.zero_point,
            "multiplier": multiplier,
            "shift": shift,
            "low": low,
            "high": high,
        }

    def evaluate(
        self,
        attrs: MulAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        a, b = (
            v.astype(np.int64) - t.q.zero_point
            for t, v in zip(inputs, values, strict=True)
            if t is not None and v is not None
        )
        low, high = common.activation_range(attrs.activation, out)
        scaled = multiply_by_quantized_multiplier(a * b, *_multiplier(inputs, out))
        return common.clamp_int8(scaled + out.q.zero_point, low, high)

    def kernel(
        self,
        attrs: MulAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        quantization = self.quantization(attrs, inputs, out)
        shift, zero_point = -quantization["shift"], quantization["out_zero_point"]
        if isa == "portable" or not 1 <= shift <= 23:
            return super().kernel(attrs, inputs, out, isa, block)
        scaling = {
            "a_zero_point": quantization["a_zero_point"],
            "b_zero_point": quantization["b_zero_point"],
            "multiplier": quantization["multiplier"],
            "shift": shift,
            "addend": (2 * zero_point + 1) << shift >> 1,
            "low": quantization["low"],
            "high": quantization["high"],
        }
        fields = self.operand_fields(inputs, out, block) | scaling
        return KernelCall(
            "nk_mul_dsp_row",
            "nk_mul_dsp",
            "mul_dsp",
            "kernels_dsp/mul.c",
            tuple(fields.items()),
            takes_row=True,
        )


OPERATOR = Mul()
