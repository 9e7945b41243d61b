# SPDX-License-Identifier: Apache-2.0
"""GELU: x / 2 * (1 + erf(x / sqrt(2))), or the tanh approximation of it.

tflite-micro has no GELU; the reference is TensorFlow Lite's own, which fills a table in float32.
Source: tensorflow/lite/kernels/gelu.cc, kernels/internal/reference/gelu.h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsuke.compiler.ir import Array, Attrs, Tensor
from netsuke.compiler.ops.base import OptionReader
from netsuke.compiler.ops.table import Table, from_real_function

_f = np.float32


@dataclass(frozen=True, slots=True)
class GeluAttrs(Attrs):
    """`approximate` is the form with tanh."""

    approximate: bool


def exact(x: float) -> float:
    """GELU of a float32 number; each step rounded to float32."""
    inner = float(_f(x) * _f(-math.sqrt(0.5)))
    return float(_f(0.5) * _f(x) * _f(math.erfc(inner)))


def approximate(x: float) -> float:
    """GELU's tanh form of a float32 number; each step rounded to float32."""
    v = _f(x)
    inner = _f(math.sqrt(2 / math.pi)) * (v + _f(0.044715) * v * v * v)
    return float(_f(0.5) * v * (_f(1) + _f(math.tanh(float(inner)))))


class Gelu(Table[GeluAttrs]):
    name = "gelu"
    builtin = "GELU"
    attrs_type = GeluAttrs

    def read(self, options: OptionReader, inputs: Sequence[Tensor | None]) -> GeluAttrs:
        return GeluAttrs(options.bool("approximate"))

    def table(self, attrs: GeluAttrs, source: Tensor, out: Tensor) -> Array:
        return from_real_function(approximate if attrs.approximate else exact, source, out)


OPERATOR = Gelu()
