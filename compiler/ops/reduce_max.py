# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MAX over any axes.

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
class ReduceMaxAttrs(ReduceAttrs):
    pass


class ReduceMax(Choice[ReduceMaxAttrs]):
    name = "reduce_max"
    builtin = "REDUCE_MAX"
    attrs_type = ReduceMaxAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> ReduceMaxAttrs:
        return ReduceMaxAttrs(*self.axes_and_keep_dims(options, inputs))

    def evaluate(
        self,
        attrs: ReduceMaxAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        greatest: Array = common.value0(values).max(axis=attrs.axes).reshape(out.shape)
        return greatest


OPERATOR = ReduceMax()
