# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D: the mean of each window, over the elements inside the input.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import ReduceCall
from netsuke.compiler.ops.pool import Pool, PoolAttrs, geometry, windows


@dataclass(frozen=True, slots=True)
class AveragePool2dAttrs(PoolAttrs):
    pass


class AveragePool2d(Pool[AveragePool2dAttrs]):
    name = "average_pool_2d"
    builtin = "AVERAGE_POOL_2D"
    attrs_type = AveragePool2dAttrs

    def attributes(self, fields: Mapping[str, int]) -> AveragePool2dAttrs:
        return AveragePool2dAttrs(**fields)

    def evaluate(
        self,
        attrs: AveragePool2dAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        elements, inside = windows(attrs, common.value0(values), 0)
        total = elements.sum(axis=(-2, -1), dtype=np.int64)
        count = inside[:, :, None]
        magnitude = (np.abs(total) + count // 2) // count
        low, high = common.activation_range(attrs.activation, out)
        return common.clamp_int8(np.sign(total) * magnitude, low, high)

    def reduce(
        self, attrs: AveragePool2dAttrs, inputs: Sequence[Tensor | None], out: Tensor
    ) -> ReduceCall | None:
        source = common.input0(inputs)
        shape, rows = geometry(attrs, source, out)
        if out.rows != 1 or rows.span(0) != range(source.rows):
            return None
        return ReduceCall(
            "nk_average_pool_2d_accumulate",
            "nk_average_pool_2d_finish",
            4 * shape.channels,
        )


OPERATOR = AveragePool2d()
