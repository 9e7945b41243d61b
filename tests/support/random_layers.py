# SPDX-License-Identifier: Apache-2.0
"""Random layers of every operator that has a kernel: shapes, scales, zero points, corners.

A layer is drawn from its seed alone, so that a failure names one that can be looked at. A drawn
layer may break a constraint of its operator; whoever draws takes another seed then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from netsuke.compiler.ir import Array
from tests.support.op_cases import Case, ints, t
from tests.support.product_cases import ACTIVATIONS, random_case
from tests.support.random_moves import MOVES
from tests.support.tflite_builder import TensorSpec

Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator], Case]


def zero_point(rng: np.random.Generator) -> int:
    return int(rng.choice([-128, 127, 0, *rng.integers(-128, 128, 3)]))


def tensor(rng: np.random.Generator, shape: Shape, about: float = 0.0) -> TensorSpec:
    """A tensor of random quantization; `about` is about its scale, if given."""
    scale = about * rng.uniform(0.3, 3.0) if about else 10.0 ** rng.uniform(-3.0, 0.5)
    return t(shape, scale, zero_point(rng))


def maybe_constant(rng: np.random.Generator, spec: TensorSpec) -> TensorSpec:
    """`spec`, or one time in four a constant in its place."""
    if rng.random() < 0.75:
        return spec
    assert isinstance(spec.scale, float) and isinstance(spec.zero_point, int)
    data = rng.integers(-128, 128, spec.shape)
    return t(spec.shape, spec.scale, spec.zero_point, data=data)


def scale_of(spec: TensorSpec) -> float:
    assert isinstance(spec.scale, float)
    return spec.scale


def shape_of(rng: np.random.Generator, low: int = 1, high: int = 4) -> Shape:
    """Of `low` to `high` axes; the first is mostly 1."""
    axes = [int(n) for n in rng.integers(1, 10, rng.integers(low, high + 1))]
    axes[-1] = int(rng.choice([axes[-1], rng.integers(1, 40)]))
    return (1 if rng.random() < 0.7 else axes[0], *axes[1:])


# --- two operands --------------------------------------------------------------------------------


def _operands(rng: np.random.Generator) -> tuple[TensorSpec, TensorSpec, Shape]:
    """Two operands, of which one or both may be broadcast or one constant."""
    whole = shape_of(rng, 2)
    shapes = [whole, whole]
    for i in range(2):
        if rng.random() < 0.4:
            shapes[i] = tuple(1 if rng.random() < 0.5 else n for n in whole)
        if rng.random() < 0.2:
            shapes[i] = shapes[i][int(rng.integers(len(whole))) :]
    out = np.broadcast_shapes(*shapes)
    a, b = (tensor(rng, shape) for shape in shapes)
    near = rng.random() < 0.7  # scales of real models differ little
    b = t(b.shape, scale_of(a) * rng.uniform(0.3, 3), zero_point(rng)) if near else b
    constant = maybe_constant(rng, b)
    return (constant, a, out) if rng.random() < 0.3 else (a, constant, out)


def pair_of(builtin: str, out_scale: Callable[[float, float], float]) -> Draw:
    def draw(rng: np.random.Generator) -> Case:
        a, b, shape = _operands(rng)
        out = tensor(rng, shape, out_scale(scale_of(a), scale_of(b)))
        fused = builtin not in ("SQUARED_DIFFERENCE", "PRELU")
        activation = str(rng.choice(ACTIVATIONS)) if rng.random() < 0.5 else "NONE"
        return Case(
            builtin, [a, b], out, {"fused_activation_function": activation} if fused else {}
        )

    return draw


def product(rng: np.random.Generator) -> Case:
    """BATCH_MATMUL of up to two batch axes, either of which one operand may lack."""
    n, m, depth = (int(v) for v in rng.integers(1, (12, 12, 48)))
    batch = tuple(int(v) for v in rng.integers(1, 4, rng.integers(0, 3)))
    adj_x, adj_y = (bool(v) for v in rng.integers(0, 2, 2))
    fewer = tuple(1 if rng.random() < 0.2 else v for v in batch)
    x = tensor(rng, (*batch, depth, n) if adj_x else (*batch, n, depth))
    y = maybe_constant(rng, tensor(rng, (*fewer, m, depth) if adj_y else (*fewer, depth, m)))
    out = tensor(rng, (*batch, n, m), 50.0 * scale_of(x) * scale_of(y) * depth**0.5)
    return Case("BATCH_MATMUL", [x, y], out, {"adj_x": adj_x, "adj_y": adj_y})


# --- windows, reductions, softmax ----------------------------------------------------------------


def pool_of(builtin: str) -> Draw:
    def draw(rng: np.random.Generator) -> Case:
        kernel = [int(n) for n in rng.integers(1, 6, 2)]
        stride = [int(n) for n in rng.integers(1, 4, 2)]
        same = bool(rng.integers(2))
        size = [(0 if same else k) + int(rng.integers(1, 9)) for k in kernel]
        if rng.random() < 0.1:
            kernel, same = list(size), False
        pairs = list(zip(size, kernel, stride, strict=True))
        out = [-(-n // s) if same else (n - k) // s + 1 for n, k, s in pairs]
        channels = int(rng.integers(1, 20))
        x = tensor(rng, (1, *size, channels))
        options = {
            "filter_height": kernel[0],
            "filter_width": kernel[1],
            "stride_h": stride[0],
            "stride_w": stride[1],
            "padding": "SAME" if same else "VALID",
            "fused_activation_function": str(rng.choice(ACTIVATIONS)),
        }
        y = t((1, *out, channels), scale_of(x), x.zero_point)  # type: ignore[arg-type]
        return Case(builtin, [x], y, options)

    return draw


def reduction_of(builtin: str) -> Draw:
    def draw(rng: np.random.Generator) -> Case:
        shape = shape_of(rng, 2, 4)
        axes = np.flatnonzero(rng.random(len(shape)) < 0.5)
        axes = axes if axes.size else np.array([len(shape) - 1])
        keep = bool(rng.integers(2))
        count = int(np.prod([shape[a] for a in axes]))
        x = tensor(rng, shape)
        kept = tuple(1 if a in axes else n for a, n in enumerate(shape))
        out = kept if keep else tuple(n for a, n in enumerate(shape) if a not in axes)
        about = scale_of(x) * (count**0.5 if builtin == "SUM" else count**-0.4)
        same = t(out, scale_of(x), x.zero_point)  # type: ignore[arg-type]
        y = (
            same
            if builtin in ("REDUCE_MAX", "REDUCE_MIN") or rng.random() < 0.1
            else tensor(rng, out, about)
        )
        given = [int(a) - (len(shape) if rng.random() < 0.3 else 0) for a in axes]
        return Case(builtin, [x, ints(*given)], y, {"keep_dims": keep})

    return draw


def softmax(rng: np.random.Generator) -> Case:
    shape = shape_of(rng)
    shape = (*shape[:-1], int(rng.choice([shape[-1], rng.integers(1, 300)])))
    beta = float(rng.choice([1.0, 1.0, rng.uniform(0.1, 2.0)]))
    return Case("SOFTMAX", [tensor(rng, shape)], t(shape, 1 / 256, -128), {"beta": beta})


# --- functions of one element --------------------------------------------------------------------


def function_of(builtin: str, *fixed: float) -> Draw:
    """`fixed` is the scale and zero point of the output, if the operator demands one."""

    def draw(rng: np.random.Generator) -> Case:
        x = tensor(rng, shape_of(rng))
        if builtin in ("RSQRT", "SQRT"):  # of no negative number
            x = t(x.shape, scale_of(x), -128)
        y = t(x.shape, fixed[0], int(fixed[1])) if fixed else tensor(rng, x.shape, scale_of(x))
        if builtin == "NEG":  # of raw numbers: the zero points are opposite
            x = t(x.shape, scale_of(x), int(rng.integers(-127, 128)))
            y = t(x.shape, scale_of(x), -x.zero_point)  # type: ignore[arg-type]
        options: dict[str, object] = (
            {"approximate": bool(rng.integers(2))} if builtin == "GELU" else {}
        )
        if builtin == "LEAKY_RELU":
            options = {"alpha": float(rng.uniform(-0.5, 1.5))}
        return Case(builtin, [x], y, options)

    return draw


def transpose_conv(rng: np.random.Generator) -> Case:
    """To an output of the size that the windows reach, or near it."""
    high, wide, depth, channels, *kernel = (int(n) for n in rng.integers(1, 6, 6))
    strides, same = rng.integers(1, 4, 2), bool(rng.integers(2))
    reach = [0, 0] if same else [k - s for k, s in zip(kernel, strides, strict=True)]
    size = [n * int(s) + r for n, s, r in zip((high, wide), strides, reach, strict=True)]
    shape = (1, *(max(1, n - int(rng.integers(2))) for n in size), channels)
    x, out = tensor(rng, (1, high, wide, depth)), tensor(rng, shape)
    weights = rng.integers(-127, 128, (channels, *kernel, depth))
    scale = scale_of(out) / scale_of(x) / (50 * weights[0].size ** 0.5)
    bias = t((channels,), 1.0, data=rng.integers(-5000, 5000, channels), dtype="int32")
    given = [ints(*shape), t(weights.shape, scale, data=weights), x]
    options = {"padding": "SAME" if same else "VALID", "stride_h": int(strides[0])}
    options |= {"stride_w": int(strides[1]), "fused_activation_function": "NONE"}
    return Case("TRANSPOSE_CONV", [*given, bias] if rng.integers(2) else given, out, options)


def relu6(rng: np.random.Generator) -> Case:
    """The interpreter takes the input's quantization for both."""
    x = tensor(rng, shape_of(rng))
    return Case("RELU6", [x], x)


DRAWS: dict[str, Draw] = {
    "ADD": pair_of("ADD", lambda a, b: a + b),
    "SUB": pair_of("SUB", lambda a, b: a + b),
    "MUL": pair_of("MUL", lambda a, b: 50 * a * b),
    "DIV": pair_of("DIV", lambda a, b: a / b / 50),
    "SQUARED_DIFFERENCE": pair_of("SQUARED_DIFFERENCE", lambda a, b: 100 * max(a, b) ** 2),
    "PRELU": pair_of("PRELU", lambda a, b: a),
    "BATCH_MATMUL": product,
    "AVERAGE_POOL_2D": pool_of("AVERAGE_POOL_2D"),
    "MAX_POOL_2D": pool_of("MAX_POOL_2D"),
    "MEAN": reduction_of("MEAN"),
    "SUM": reduction_of("SUM"),
    "REDUCE_MAX": reduction_of("REDUCE_MAX"),
    "REDUCE_MIN": reduction_of("REDUCE_MIN"),
    "SOFTMAX": softmax,
    "ABS": function_of("ABS"),
    "ELU": function_of("ELU"),
    "EXP": function_of("EXP"),
    "GELU": function_of("GELU"),
    "HARD_SWISH": function_of("HARD_SWISH"),
    "LEAKY_RELU": function_of("LEAKY_RELU"),
    "LOG": function_of("LOG"),
    "LOGISTIC": function_of("LOGISTIC", 1 / 256, -128),
    "NEG": function_of("NEG"),
    "QUANTIZE": function_of("QUANTIZE"),
    "RELU": function_of("RELU"),
    "RELU6": relu6,
    "RSQRT": function_of("RSQRT"),
    "SQRT": function_of("SQRT"),
    "TANH": function_of("TANH", 1 / 128, 0),
    "TRANSPOSE_CONV": transpose_conv,
    **MOVES,
}

SUMS_OF_PRODUCTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def random_layer(seed: int) -> Case:
    """Four in ten are sums of products, in which most of the arithmetic is."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.4:
        return random_case(rng)
    return DRAWS[str(rng.choice(list(DRAWS)))](rng)


def random_inputs(case: Case, seed: int, count: int) -> list[list[Array]]:
    """`count` vectors of inputs: of the whole range, and of its ends, which saturate."""
    rng = np.random.default_rng(seed)
    shapes = [spec.shape for spec in case.inputs if spec.data is None]
    return [[_numbers(rng, shape) for shape in shapes] for _ in range(count)]


def _numbers(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    kind = rng.random()
    if kind < 0.6:
        return rng.integers(-128, 128, shape).astype(np.int8)
    if kind < 0.8:
        return np.where(rng.random(shape) < 0.5, -128, 127).astype(np.int8)
    if kind < 0.9:
        return np.full(shape, rng.choice([-128, 127]), np.int8)
    low = int(rng.integers(-128, 108))
    return rng.integers(low, low + 20, shape).astype(np.int8)
