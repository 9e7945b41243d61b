# SPDX-License-Identifier: Apache-2.0
"""MAX_POOL_2D: the greatest element of each window inside the input.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Array, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.pool import Pool, PoolAttrs, windows


@dataclass(frozen=True, slots=True)
class MaxPool2dAttrs(PoolAttrs):
    pass


class MaxPool2d(Pool[MaxPool2dAttrs]):
    name = "max_pool_2d"
    builtin = "MAX_POOL_2D"
    attrs_type = MaxPool2dAttrs

    def attributes(self, fields: Mapping[str, int]) -> MaxPool2dAttrs:
        return MaxPool2dAttrs(**fields)

    def evaluate(
        self,
        attrs: MaxPool2dAttrs,
        inputs: Sequence[Tensor | None],
        values: Sequence[Array | None],
        out: Tensor,
    ) -> Array:
        elements, _ = windows(attrs, common.value0(values), common.INT8_MIN)
        low, high = common.activation_range(attrs.activation, out)
        return common.clamp_int8(elements.max(axis=(-2, -1)), low, high)


OPERATOR = MaxPool2d()
