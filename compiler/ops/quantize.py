# SPDX-License-Identifier: Apache-2.0
"""QUANTIZE: int8 to int8 of another scale and zero point; float32 to int8 at the graph's edge.

Source: tensorflow/lite/kernels/internal/reference/requantize.h, quantize.h (AffineQuantize).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class QuantizeAttrs(Attrs):
    pass


def types(graph: Graph, op: Op) -> str | None:
    """The input must be int8 or, at the edge of the graph, float32; the output int8"""
    source, out = common.input0(graph.input_tensors(op)), graph.output(op)
    if source.dtype in (DType.INT8, DType.FLOAT32) and out.dtype is DType.INT8:
        return None
    return f"{source.dtype.value} to {out.dtype.value}"


def quantized(graph: Graph, op: Op) -> str | None:
    """int8 tensors must have one scale and one zero point each"""
    tensors = (common.input0(graph.input_tensors(op)), graph.output(op))
    wrong = [
        t.name
        for t in tensors
        if t.dtype is DType.INT8 and (t.quant is None or t.quant.axis is not None)
    ]
    return f"{wrong[0]!r}" if wrong else None


def quantize_real(values: Array, out: Tensor) -> Array:
    """float32 values as int8 of `out`; halves away from zero, division in float32."""
    scaled = values.astype(np.float32) / np.float32(out.q.scale)
    rounded = np.copysign(np.floor(np.abs(scaled.astype(np.float64)) + 0.5), scaled)
    limited = np.clip(rounded, -(2.0**30), 2.0**30).astype(np.int64)
    return common.clamp_int8(limited + out.q.zero_point)


class Quantize(Table[QuantizeAttrs]):
    name = "quantize"
    builtin = "QUANTIZE"
    attrs_type = QuantizeAttrs
    constraints = (types, quantized)
    monotone = "increasing"

    def table(self, attrs: QuantizeAttrs, source: Tensor, out: Tensor) -> Array:
        assert source.dtype is DType.INT8, "float32 at the edge is not computed on the device"
        multiplier = quantize_multiplier(source.q.scale / out.q.scale)
        scaled = multiply_by_quantized_multiplier(ALL_INT8 - source.q.zero_point, *multiplier)
        return common.clamp_int8(scaled + out.q.zero_point)

    def evaluate(
        self,
        attrs: QuantizeAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        if common.input0(inputs).dtype is DType.FLOAT32:
            return quantize_real(common.value0(values), out)
        return super().evaluate(attrs, inputs, values, out)


OPERATOR = Quantize()
