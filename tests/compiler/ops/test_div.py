# SPDX-License-Identifier: Apache-2.0
"""DIV: numpy and generated C equal tflite-micro, for divisors of 0 as well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.oracle import Oracle
from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    graph_of,
    model_of,
    problems,
    random_constant,
    t,
)
from tests.support.tflite_builder import TensorSpec


def case(a: TensorSpec, b: TensorSpec, out: TensorSpec, activation: str = "NONE") -> Case:
    return Case("DIV", [a, b], out, {"fused_activation_function": activation})


CASES = {
    "same_shape": case(
        t((1, 5, 4, 30), 0.03, -7), t((1, 5, 4, 30), 0.05, 11), t((1, 5, 4, 30), 0.06, 2)
    ),
    "deviation": case(t((1, 60, 8), 0.2, 5), t((1, 60, 1), 0.1, -128), t((1, 60, 8), 0.25, -28)),
    "constant": case(
        t((1, 4, 30, 6), 0.5, 4),
        random_constant((6,), 0.3, -128, 1),
        t((1, 4, 30, 6), 0.6, 9),
        "RELU",
    ),
    "by_a_scalar": case(
        t((3, 99), 0.011, 5), t((1,), 0.004, 3, data=[90]), t((3, 99), 0.03, -3), "RELU6"
    ),
    "of_a_constant": case(
        random_constant((1, 1, 7), 0.9, 1, 2), t((1, 40, 7), 0.02, 4), t((1, 40, 7), 0.8, -3)
    ),
    "tiny": case(t((400,), 1e-4, 13), t((400,), 0.9, 8), t((400,), 0.7, -3)),
    "huge": case(t((400,), 0.9, -13), t((400,), 1e-3, 18), t((400,), 1e-2, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


@pytest.mark.parametrize("scales", [(0.1, 0.01, 0.2), (0.03, 0.7, 0.9), (0.02, 0.05, 0.05)])
def test_all_pairs_of_numbers_equal_the_oracle(scales: tuple[float, float, float]) -> None:
    shape = (1, 1 << 16)
    a, b, out = (t(shape, scale, z) for scale, z in zip(scales, (5, -128, -28), strict=True))
    one = {"pairs": case(a, b, out)}
    numbers = np.arange(-128, 128).astype(np.int8)
    inputs = [np.repeat(numbers, 256).reshape(shape), np.tile(numbers, 256).reshape(shape)]
    (want,), (got,) = Oracle(model_of(one)).run(inputs), evaluate(graph_of(one), inputs)
    np.testing.assert_array_equal(got, want)


def test_scales_far_apart_are_refused() -> None:
    far = case(t((2, 3), 8.0, 1), t((2, 3), 1e-4, 2), t((2, 3), 1e-3, 3))
    assert "The first scale divided by the second" in problems(far)
