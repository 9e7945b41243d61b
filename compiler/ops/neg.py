# SPDX-License-Identifier: Apache-2.0
"""NEG of int8, or in float32 as a converter leaves it between DEQUANTIZE and QUANTIZE.

float32 is not computed on the device: passes make one table of the three operators, which float32
negation, exact by nature, lets them prove. tflite-micro has no int8 NEG; the reference is LiteRT's
own, which negates the int8 numbers themselves, in 8 bits. Source: tflite/kernels/neg.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class NegAttrs(Attrs):
    pass


def opposite_quantization(graph: Graph, op: Op) -> str | None:
    """int8 tensors must have one and the same scale, and zero points that are each other's
    negative"""
    x, out = common.input0(graph.input_tensors(op)), graph.output(op)
    if out.dtype is DType.FLOAT32:
        return None
    found = common.per_tensor_quantized(graph, op)
    if found is not None or (x.q.scale == out.q.scale and x.q.zero_point == -out.q.zero_point):
        return found
    return " and ".join(f"{t.q.scale:g}, {t.q.zero_point}" for t in (x, out))


class Neg(Table[NegAttrs]):
    name = "neg"
    builtin = "NEG"
    attrs_type = NegAttrs
    constraints = (common.int8_or_float32, opposite_quantization, common.no_scalar)
    real = True

    def table(self, attrs: NegAttrs, source: Tensor, out: Tensor) -> Array:
        negated: Array = -ALL_INT8.astype("int8")  # of -128 in 8 bits: -128
        return negated

    def evaluate(
        self,
        attrs: NegAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        negated: Array = -common.value0(values)
        return negated


OPERATOR = Neg()
