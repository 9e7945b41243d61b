# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MIN over any axes.

Source: tensorflow/lite/micro/kernels/reduce_common.cc (EvalMinMaxHelper).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.reduce import Choice, ReduceAttrs


@dataclass(frozen=True, slots=True)
class ReduceMinAttrs(ReduceAttrs):
    pass


class ReduceMin(Choice[ReduceMinAttrs]):
    name = "reduce_min"
    builtin = "REDUCE_MIN"
    attrs_type = ReduceMinAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> ReduceMinAttrs:
        return ReduceMinAttrs(*self.axes_and_keep_dims(options, inputs))

    def evaluate(
        self,
        attrs: ReduceMinAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        least: Array = common.value0(values).min(axis=attrs.axes).reshape(out.shape)
        return least


OPERATOR = ReduceMin()
