# SPDX-License-Identifier: Apache-2.0
"""Base of the operators that map each int8 number to another: 256-entry tables, one kernel.

The table is what the reference's own algorithm gives for all 256 numbers.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar, cast

import numpy as np

from netsuke.compiler.ir import Array, Attrs, DType, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import (
    Access,
    Aligned,
    Channels,
    ConstArray,
    Constraint,
    Cut,
    Isa,
    KernelCall,
    Operator,
    OptionReader,
    Part,
    Rows,
)

A = TypeVar("A", bound=Attrs)

ALL_INT8 = np.arange(common.INT8_MIN, common.INT8_MAX + 1, dtype=np.int64)


def from_real_function(function: Callable[[float], float], source: Tensor, out: Tensor) -> Array:
    """The table of a real function, computed in float32.

    Source: LUTPopulate in tensorflow/lite/kernels/internal/common.h.
    """
    inverse = np.float32(1) / np.float32(out.q.scale)
    real = np.float32(source.q.scale) * (ALL_INT8 - source.q.zero_point).astype(np.float32)
    with np.errstate(over="ignore"):  # infinity becomes the largest number below
        scaled = np.array([np.float32(function(float(x))) for x in real], np.float32) * inverse
    rounded = np.copysign(np.floor(np.abs(scaled.astype(np.float64)) + 0.5), scaled)
    return common.clamp_int8(rounded + out.q.zero_point)


class Table(Operator[A]):
    """An operator whose output element is a function of the input element at its place."""

    constraints: ClassVar[tuple[Constraint, ...]] = common.INT8
    elementwise = True

    @abstractmethod
    def table(self, attrs: A, source: Tensor, out: Tensor) -> Array:
        """The outputs for ALL_INT8, int8."""

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> A:
        return cast(A, self.attrs_type())

    def infer(self, attrs: A, inputs: Sequence[Tensor | None]) -> tuple[int, ...]:
        return common.input0(inputs).shape

    def evaluate(
        self, attrs: A, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        table = self.table(attrs, common.input0(inputs), out)
        result: Array = table[common.value0(values).astype(np.int64) - common.INT8_MIN]
        return result

    def access(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor
    ) -> tuple[Access | None, ...]:
        return (Rows(),)

    def row_local(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        return True

    def in_place(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> tuple[int, ...]:
        return (0,)

    def part(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, cut: Cut) -> Part | None:
        return Part(attrs, (cut,))

    def copies(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> bool:
        source = common.input0(inputs)
        if not source.dtype is out.dtype is DType.INT8:
            return False
        return bool((self.table(attrs, source, out) == ALL_INT8).all())

    def channels(self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor) -> Channels:
        return Aligned((np.arange(out.shape[-1]),)) if out.shape else None

    def kernel(
        self, attrs: A, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        table = self.table(attrs, common.input0(inputs), out)
        return KernelCall(
            "nk_table_row",
            "nk_table",
            "table",
            "kernels/table.c",
            (("table", ConstArray(table)), ("n", block * out.row_bytes)),
        )
