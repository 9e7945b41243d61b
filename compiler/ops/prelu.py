# SPDX-License-Identifier: Apache-2.0
"""PRELU: x, or alpha * x where x is negative; alpha is a tensor that broadcasts to x.

Source: tensorflow/lite/micro/kernels/prelu_common.cc, kernels/internal/reference/prelu.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.broadcast import Elementwise


@dataclass(frozen=True, slots=True)
class PreluAttrs(Attrs):
    pass


def _multipliers(
    inputs: Sequence[Tensor | None], out: Tensor
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of numbers from 0 on, and of products of negative ones with alpha."""
    x, alpha = inputs
    assert x is not None and alpha is not None
    return (
        quantize_multiplier(x.q.scale / out.q.scale),
        quantize_multiplier(x.q.scale * alpha.q.scale / out.q.scale),
    )


def scales_in_reach(graph: Graph, op: Op) -> str | None:
    """The input scale, and its product with alpha's, must be less than 32768 times the output
    scale"""
    shifts = [m[1] for m in _multipliers(graph.input_tensors(op), graph.output(op))]
    return None if max(shifts) <= 15 else f"2^{max(shifts)} times it"


class Prelu(Elementwise[PreluAttrs]):
    name = "prelu"
    builtin = "PRELU"
    attrs_type = PreluAttrs
    constraints = (*Elementwise.constraints, scales_in_reach)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> PreluAttrs:
        return PreluAttrs()

    def quantization(
        self, attrs: PreluAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> dict[str, int]:
        x, alpha = inputs
        assert x is not None and alpha is not None
        positive, negative = _multipliers(inputs, out)
        return {
            "a_zero_point": x.q.zero_point,
            "b_zero_point": alpha.q.zero_point,
            "out_zero_point": out.q.zero_point,
            "multiplier": positive[0],
            "shift": positive[1],
            "sloped_multiplier": negative[0],
            "sloped_shift": negative[1],
        }

    def evaluate(
        self,
        attrs: PreluAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x, alpha = (
            v.astype(np.int64) - t.q.zero_point
            for t, v in zip(inputs, values, strict=True)
            if t is not None and v is not None
        )
        positive, negative = _multipliers(inputs, out)
        kept = multiply_by_quantized_multiplier(x, *positive)
        sloped = multiply_by_quantized_multiplier(x * alpha, *negative)
        return common.clamp_int8(np.where(x >= 0, kept, sloped) + out.q.zero_point)


OPERATOR = Prelu()
