# SPDX-License-Identifier: Apache-2.0
"""SQUARE in float32, as a converter leaves it between DEQUANTIZE and QUANTIZE.

It is not computed on the device: passes make one table of the three operators, which a product of
float32 numbers, rounded in one way only, lets them prove. There is no int8 SQUARE in TFLite.
Source: tensorflow/lite/micro/kernels/elementwise.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader, Rows


@dataclass(frozen=True, slots=True)
class SquareAttrs(Attrs):
    pass


def float32_between(graph: Graph, op: Op) -> str | None:
    """Input and output must be float32 between a DEQUANTIZE and a QUANTIZE"""
    tensors = (common.input0(graph.input_tensors(op)), graph.output(op))
    wrong = [t for t in tensors if t.dtype is not DType.FLOAT32]
    return f"{wrong[0].dtype.value} {wrong[0].name!r}" if wrong else None


class Square(Operator[SquareAttrs]):
    name = "square"
    builtin = "SQUARE"
    attrs_type = SquareAttrs
    elementwise = True
    real = True
    constraints = (float32_between,)

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> SquareAttrs:
        return SquareAttrs()

    def infer(self, attrs: SquareAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape

    def evaluate(
        self,
        attrs: SquareAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        x = common.value0(values)
        squared: Array = x * x
        return squared

    def access(
        self, attrs: SquareAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows(),)

    def kernel(
        self,
        attrs: SquareAttrs,
        inputs: Sequence[Tensor | None],
        out: Tensor,
        isa: Isa,
        block: int,
    ) -> KernelCall:
        raise AssertionError("passes take SQUARE out of the graph")


OPERATOR = Square()
