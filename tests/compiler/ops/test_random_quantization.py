# SPDX-License-Identifier: Apache-2.0
"""Random scales and zero points: numpy equals tflite-micro wherever an operator accepts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.op_cases import Case, equals_oracle, ints, problems, t
from tests.support.tflite_builder import TensorSpec

SHAPE = (2, 200)


@dataclass(frozen=True, slots=True)
class Quant:
    """Parameters of two inputs and an output, from which a case takes what it needs."""

    scales: tuple[float, float, float]
    zero_points: tuple[int, int, int]
    count: int

    def tensor(self, i: int, shape: tuple[int, ...] = SHAPE) -> TensorSpec:
        return t(shape, self.scales[i], self.zero_points[i])


def _scale(exponent: float) -> float:
    return float(np.float32(2.0**exponent))


SCALE = st.floats(-11, 2).map(_scale)
ZERO_POINT = st.integers(-128, 127)
QUANT = st.builds(
    Quant,
    st.tuples(SCALE, SCALE, SCALE),
    st.tuples(ZERO_POINT, ZERO_POINT, ZERO_POINT),
    st.integers(1, 90),
)


def binary(builtin: str, activation: str) -> Callable[[Quant], Case]:
    options = {"fused_activation_function": activation} if activation else {}
    return lambda q: Case(builtin, [q.tensor(0), q.tensor(1)], q.tensor(2), options)


def unary(builtin: str, *fixed: float) -> Callable[[Quant], Case]:
    """`fixed` is the scale and zero point of the output, if the operator demands one."""

    def build(q: Quant) -> Case:
        out = t(SHAPE, fixed[0], int(fixed[1])) if fixed else q.tensor(2)
        return Case(builtin, [q.tensor(0)], out, {"beta": 0.9} if builtin == "SOFTMAX" else {})

    return build


def reduction(builtin: str) -> Callable[[Quant], Case]:
    def build(q: Quant) -> Case:
        source = q.tensor(0, (9, q.count))
        return Case(builtin, [source, ints(1)], q.tensor(2, (9,)), {"keep_dims": False})

    return build


def rsqrt(q: Quant) -> Case:
    return Case("RSQRT", [t(SHAPE, q.scales[0], -128)], q.tensor(2))


def product(q: Quant) -> Case:
    inputs = [q.tensor(0, (3, 5, q.count)), q.tensor(1, (3, q.count, 4))]
    options = {"adj_x": False, "adj_y": False}
    return Case("BATCH_MATMUL", inputs, q.tensor(2, (3, 5, 4)), options)


BUILDERS = {
    "add": binary("ADD", "NONE"),
    "sub": binary("SUB", "RELU6"),
    "mul": binary("MUL", "RELU_N1_TO_1"),
    "squared_difference": binary("SQUARED_DIFFERENCE", ""),
    "relu": unary("RELU"),
    "quantize": unary("QUANTIZE"),
    "abs": unary("ABS"),
    "hard_swish": unary("HARD_SWISH"),
    "logistic": unary("LOGISTIC", 1 / 256, -128),
    "softmax": unary("SOFTMAX", 1 / 256, -128),
    "tanh": unary("TANH", 1 / 128, 0),
    "rsqrt": rsqrt,
    "mean": reduction("MEAN"),
    "sum": reduction("SUM"),
    "batch_matmul": product,
}


@pytest.mark.parametrize("name", BUILDERS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(quant=QUANT)
def test_numpy_equals_oracle(name: str, quant: Quant) -> None:
    case = BUILDERS[name](quant)
    if not problems(case):
        equals_oracle(case, 1)
