# SPDX-License-Identifier: Apache-2.0
"""Cases of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: from numbers, or drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.op_cases import Case, t
from tests.support.tflite_builder import TensorSpec

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
IN_SCALE = 0.02


@dataclass(frozen=True, slots=True)
class Sums:
    """What all three operators have besides their shapes.

    Typical sums cover `spread` times the range of int8; the scales of channels differ by a factor
    of up to `ratio`. Weights are drawn from [low, 127].
    """

    activation: str = "NONE"
    zero_points: tuple[int, int] = (-7, 5)
    per_channel: bool = True
    bias: bool = True
    spread: float = 1.0
    ratio: float = 8.0
    low: int = -127
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Window:
    """The shapes of a convolution of x [height, width, channels]."""

    x: tuple[int, int, int]
    kernel: tuple[int, int]
    out_c: int
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "VALID"

    def size(self, axis: int) -> int:
        """Height or width of the output."""
        reach = (self.kernel[axis] - 1) * self.dilation[axis] + 1
        if self.padding == "SAME":
            return -(-self.x[axis] // self.stride[axis])
        return (self.x[axis] - reach) // self.stride[axis] + 1


def _case(
    builtin: str,
    shapes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
    axis: int,
    sums: Sums,
    options: Mapping[str, Any],
) -> Case:
    """A case with random constants; shapes are those of input, weights and output."""
    rng = np.random.default_rng(sums.seed)
    x, w, y = shapes
    channels = w[axis]
    typical = 5400 * float(np.sqrt(np.prod(w) / channels))
    scale = 0.03 if sums.activation in ("RELU6", "RELU_N1_TO_1") else 0.4
    middle = 100 * scale * sums.spread / typical / IN_SCALE
    wide = sums.ratio**0.5
    scales = middle * rng.uniform(1 / wide, wide, channels if sums.per_channel else 1)
    weights = rng.integers(sums.low, 128, w).astype(np.int8)
    bias = rng.integers(-int(typical), int(typical) + 1, channels).astype(np.int32)
    kind = (lambda s: [float(v) for v in s]) if sums.per_channel else (lambda s: float(s[0]))
    inputs = [t(x, IN_SCALE, sums.zero_points[0])]
    inputs.append(TensorSpec("", w, "int8", kind(scales), 0, axis, weights))
    if sums.bias:
        bias_scales = kind(np.float32(scales) * np.float32(IN_SCALE))
        inputs.append(TensorSpec("", (channels,), "int32", bias_scales, 0, 0, bias))
    options = {**options, "fused_activation_function": sums.activation}
    return Case(builtin, inputs, t(y, scale, sums.zero_points[1]), options)


def convolution(window: Window, sums: Sums = Sums(), *, depthwise: bool = False) -> Case:
    """A CONV_2D or a DEPTHWISE_CONV_2D."""
    in_c = window.x[2]
    shape = (1, *window.kernel, window.out_c) if depthwise else (window.out_c, *window.kernel, in_c)
    options = {
        "padding": window.padding,
        "stride_h": window.stride[0],
        "stride_w": window.stride[1],
        "dilation_h_factor": window.dilation[0],
        "dilation_w_factor": window.dilation[1],
    }
    if depthwise:
        options["depth_multiplier"] = window.out_c // in_c
    out = (1, window.size(0), window.size(1), window.out_c)
    builtin = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    return _case(builtin, ((1, *window.x), shape, out), 3 if depthwise else 0, sums, options)


def fully_connected(
    x: tuple[int, ...],
    depth: int,
    y: tuple[int, ...],
    sums: Sums = Sums(),
    *,
    keep: bool = False,
) -> Case:
    """A FULLY_CONNECTED of x [..., depth] to y [..., units]."""
    shapes = (x, (y[-1], depth), y)
    return _case("FULLY_CONNECTED", shapes, 0, sums, {"keep_num_dims": keep})


def random_sums(rng: np.random.Generator) -> Sums:
    """Anything the operators allow, corners more often than not."""
    zero = tuple(int(rng.choice([-128, 127, 0, rng.integers(-128, 128)])) for _ in range(2))
    return Sums(
        activation=str(rng.choice(ACTIVATIONS)),
        zero_points=(zero[0], zero[1]),
        per_channel=bool(rng.integers(2)),
        bias=bool(rng.integers(4)),
        spread=float(2 ** rng.uniform(-12, 6)),
        ratio=float(rng.choice([1.0, 8.0, 2.0**20])),
        low=int(rng.choice([-127, -128])),
        seed=int(rng.integers(1 << 30)),
    )


def random_window(rng: np.random.Generator, *, depthwise: bool) -> Window:
    """A window that fits its input."""
    kernel = (int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 3))) if rng.random() < 0.3 else (1, 1)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = str(rng.choice(["SAME", "VALID"]))
    least = [1, 1] if padding == "SAME" else reach
    size = [n + int(rng.integers(0, 10)) for n in least]
    in_c = int(rng.choice([1, 2, 3, 4, 5, 7, 8, 12, 17]))
    out_c = in_c * int(rng.choice([1, 1, 1, 3])) if depthwise else int(rng.integers(1, 12))
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    return Window((size[0], size[1], in_c), kernel, out_c, stride, dilation, padding)


def random_case(rng: np.random.Generator) -> Case:
    """One of the three operators."""
    kind = rng.integers(3)
    if kind < 2:
        window = random_window(rng, depthwise=bool(kind))
        return convolution(window, random_sums(rng), depthwise=bool(kind))
    vectors, depth = int(rng.choice([1, 1, 2, 3, 9])), int(rng.integers(1, 70))
    units = int(rng.integers(1, 30))
    return fully_connected((vectors, depth), depth, (vectors, units), random_sums(rng))
