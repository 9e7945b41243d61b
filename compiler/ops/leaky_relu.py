# SPDX-License-Identifier: Apache-2.0
"""LEAKY_RELU: x, or alpha * x where x is negative.

Source: tensorflow/lite/micro/kernels/leaky_relu_common.cc,
kernels/internal/reference/leaky_relu.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops import common
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.table import ALL_INT8, Table


@dataclass(frozen=True, slots=True)
class LeakyReluAttrs(Attrs):
    """`alpha` is the slope below zero, a float32 number."""

    alpha: float


class LeakyRelu(Table[LeakyReluAttrs]):
    name = "leaky_relu"
    builtin = "LEAKY_RELU"
    attrs_type = LeakyReluAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> LeakyReluAttrs:
        return LeakyReluAttrs(options.float("alpha"))

    def table(self, attrs: LeakyReluAttrs, source: Tensor, out: Tensor) -> Array:
        numbers = ALL_INT8 - source.q.zero_point
        # The reference multiplies and divides in float32.
        x, y = np.float32(source.q.scale), np.float32(out.q.scale)
        identity = quantize_multiplier(float(x / y))
        sloped = quantize_multiplier(float(x * np.float32(attrs.alpha) / y))
        positive = multiply_by_quantized_multiplier(numbers, *identity)
        negative = multiply_by_quantized_multiplier(numbers, *sloped)
        return common.clamp_int8(np.where(numbers >= 0, positive, negative) + out.q.zero_point)


OPERATOR = LeakyRelu()
