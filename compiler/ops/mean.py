# SPDX-License-Identifier: Apache-2.0
"""MEAN over any axes.

Source: tensorflow/lite/kernels/internal/reference/reduce.h (QuantizedMeanOrSum).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import Constraint, Isa, KernelCall, OptionReader, ReduceCall
from netsuke.compiler.ops.reduce import (
    R,
    ReduceAttrs,
    Reduction,
    loops,
    reduced_elements,
    summable_count,
)


@dataclass(frozen=True, slots=True)
class MeanAttrs(ReduceAttrs):
    pass


def mean_multiplier(scale: float, out_scale: float, count: int) -> tuple[int, int]:
    """(multiplier, shift) that scales a sum of `count` numbers to their mean at `out_scale`."""
    multiplier, shift = quantize_multiplier(scale / out_scale)
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // count, shift - extra


class Averaging(Reduction[R]):
    """Base of MEAN and SUM, which differ in the multiplier alone."""

    constraints: ClassVar[tuple[Constraint, ...]] = (*Reduction.constraints, summable_count)
    monotone = "increasing"

    @abstractmethod
    def multiplier(self, scale: float, out_scale: float, count: int) -> tuple[int, int]:
        """(multiplier, shift) that scales a sum of `count` numbers of `scale` to the output."""

    def evaluate(
        self, attrs: R, inputs: Sequence[Tensor | None], values: Sequence[Array | None], out: Tensor
    ) -> Array:
        x = common.input0(inputs)
        count = reduced_elements(attrs, x)
        total = common.value0(values).sum(axis=attrs.axes, dtype=np.int64, keepdims=True)
        multiplier = self.multiplier(x.q.scale, out.q.scale, count)
        scaled = multiply_by_quantized_multiplier(total - count * x.q.zero_point, *multiplier)
        return common.clamp_int8(scaled + out.q.zero_point).reshape(out.shape)

    def kernel(
        self, attrs: R, inputs: Sequence[Tensor | None], out: Tensor, isa: Isa, block: int
    ) -> KernelCall:
        x = common.input0(inputs)
        count = reduced_elements(attrs, x)
        multiplier, shift = self.multiplier(x.q.scale, out.q.scale, count)
        quantization = {
            "offset": count * x.q.zero_point,
            "multiplier": multiplier,
            "shift": shift,
            "out_zero_point": out.q.zero_point,
        }
        return KernelCall(
            "nk_mean_row",
            "nk_mean",
            "mean",
            "kernels/mean.c",
            tuple((loops(attrs, x, out, block).fields() | quantization).items()),
            takes_row=True,
            reduce=_by_rows(attrs, x, out),
        )


def _by_rows(attrs: ReduceAttrs, x: Tensor, out: Tensor) -> ReduceCall | None:
    """The row-by-row form, where all input rows are reduced to one output row."""
    if out.rows != 1 or common.row_axis(x.shape) not in attrs.axes or x.rows == 1:
        return None
    return ReduceCall("nk_mean_accumulate", "nk_mean_finish", 4 * out.elements)


class Mean(Averaging[MeanAttrs]):
    name = "mean"
    builtin = "MEAN"
    attrs_type = MeanAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> MeanAttrs:
        return MeanAttrs(*self.axes_and_keep_dims(options, inputs))

    def multiplier(self, scale: float, out_scale: float, count: int) -> tuple[int, int]:
        return mean_multiplier(scale, out_scale, count)


OPERATOR = Mean()
