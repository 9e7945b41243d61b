# SPDX-License-Identifier: Apache-2.0
"""NEG in float32, as a converter leaves it between DEQUANTIZE and QUANTIZE.

It is not computed on the device: passes make one table of the three operators, which float32
negation, exact by nature, lets them prove. tflite-micro has no int8 NEG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Attrs, DType, Graph, Op, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Access, Isa, KernelCall, Operator, OptionReader, Rows


@dataclass(frozen=True, slots=True)
class NegAttrs(Attrs):
    pass


def float32_in_and_out(graph: Graph, op: Op) -> str | None:
    """Input and output must be float32, between a DEQUANTIZE and a QUANTIZE"""
    tensors = (common.input0(graph.input_tensors(op)), graph.output(op))
    wrong = [t for t in tensors if t.dtype is not DType.FLOAT32]
    return f"{wrong[0].dtype.value} {wrong[0].name!r}" if wrong else None


class Neg(Operator[NegAttrs]):
    name = "neg"
    builtin = "NEG"
    attrs_type = NegAttrs
    constraints = (float32_in_and_out,)
    elementwise = True
    real = True

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> NegAttrs:
        return NegAttrs()

    def infer(self, attrs: NegAttrs, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape

    def evaluate(
        self,
        attrs: NegAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        negated: Array = -common.value0(values)
        return negated

    def access(
        self, attrs: NegAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows(),)

    def kernel(
        self, attrs: NegAttrs, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        raise AssertionError("NEG becomes part of a table before it is compiled")


OPERATOR = Neg()
