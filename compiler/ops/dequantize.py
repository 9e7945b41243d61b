# SPDX-License-Identifier: Apache-2.0
"""DEQUANTIZE: int8 to float32, at the graph's edge or before operators that passes make a table
of: no kernel computes it.

Source: tensorflow/lite/kernels/internal/reference/dequantize.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader, Rows


@dataclass(frozen=True, slots=True)
class DequantizeAttrs(Attrs):
    pass


def types(graph: Graph, op: Op) -> str | None:
    """The input must be int8 with one scale and zero point, the output float32"""
    source, out = common.input0(graph.input_tensors(op)), graph.output(op)
    if (source.dtype, out.dtype) != (DType.INT8, DType.FLOAT32):
        return f"{source.dtype.value} to {out.dtype.value}"
    quantized = source.quant is not None and source.quant.axis is None
    return None if quantized else f"the quantization of {source.name!r}"


class Dequantize(Operator[DequantizeAttrs]):
    name = "dequantize"
    builtin = "DEQUANTIZE"
    attrs_type = DequantizeAttrs
    elementwise = True
    constraints = (types,)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> DequantizeAttrs:
        return DequantizeAttrs()

    def infer(self, attrs: DequantizeAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape

    def evaluate(
        self,
        attrs: DequantizeAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        quant = common.input0(inputs).q
        numbers = common.value0(values).astype(np.float64) - quant.zero_point
        return (numbers * quant.scale).astype(np.float32)

    def access(
        self, attrs: DequantizeAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows(),)

    def kernel(
        self,
        attrs: DequantizeAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        raise AssertionError("passes take DEQUANTIZE out of the graph")


OPERATOR = Dequantize()
