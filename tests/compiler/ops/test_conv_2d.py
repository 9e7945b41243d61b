# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netsuke.codegen.c_model import Optimize
from netsuke.compiler.ops.base import Isa
from tests.support.emulated import emulated_mismatches
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems
from tests.support.product_cases import Sums, Window, convolution

CASES = {
    "window": convolution(Window((9, 8, 3), (3, 4), 5, (2, 3))),
    "same": convolution(Window((9, 8, 3), (3, 4), 6, (2, 1), padding="SAME")),
    "dilated": convolution(Window((11, 12, 2), (3, 2), 4, (1, 2), (2, 3), "SAME")),
    "pointwise": convolution(Window((6, 5, 8), (1, 1), 7)),
    "pointwise_strided": convolution(Window((6, 7, 8), (1, 1), 4, (2, 3))),
    "first_layer": convolution(
        Window((12, 13, 3), (3, 3), 8, (2, 2), padding="SAME"), Sums("RELU6", (-128, -128))
    ),
    **{
        f"row_of_{w}": convolution(Window((3, w, k), (1, 1), 3), Sums("RELU" if w & 1 else "NONE"))
        for w, k in zip(range(1, 11), (1, 3, 5, 7, 12, 15, 16, 18, 33, 35), strict=True)
    },
    "one_channel": convolution(Window((9, 10, 1), (5, 4), 3, (2, 2), padding="SAME")),
    "kernel_larger_than_image": convolution(Window((3, 2, 2), (7, 5), 3, padding="SAME")),
    "relu": convolution(Window((5, 6, 4), (3, 3), 5), Sums("RELU", (7, -11))),
    "relu_n1_to_1": convolution(Window((5, 6, 4), (3, 3), 5), Sums("RELU_N1_TO_1", (7, -11))),
    "per_tensor": convolution(Window((5, 6, 4), (2, 3), 5), Sums(per_channel=False)),
    "no_bias": convolution(Window((5, 6, 4), (2, 3), 5), Sums(bias=False)),
    "least_weights": convolution(Window((5, 6, 4), (2, 3), 6), Sums(low=-128, seed=4)),
    "saturating": convolution(Window((5, 6, 4), (2, 3), 6), Sums(spread=50.0)),
    "constant_channels": convolution(Window((5, 6, 4), (2, 3), 6), Sums(ratio=2.0**40)),
    "height_1": convolution(Window((1, 12, 3), (1, 5), 4, (1, 2), padding="SAME")),
    "height_1_tall_kernel": convolution(Window((1, 12, 3), (3, 4), 4, (1, 2), padding="SAME")),
    "height_1_only_padding": convolution(
        Window((1, 12, 3), (2, 4), 4, (1, 1), (2, 1), "SAME"), Sums(zero_points=(9, 3))
    ),
    "one_row_of_pixels": convolution(Window((5, 8, 3), (5, 4), 4, (1, 2))),
    "one_pixel": convolution(Window((5, 4, 3), (5, 4), 9)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)


def _with(case: Case, index: int, **changes: object) -> Case:
    inputs = list(case.inputs)
    inputs[index] = replace(inputs[index], **changes)  # type: ignore[arg-type]
    return replace(case, inputs=inputs)


def test_refusals_say_why() -> None:
    case = CASES["pointwise"]
    weights = np.ones((7, 1, 1, 4), np.int8)
    tanh = {"fused_activation_function": "TANH"}
    assert "or as each of its groups" in problems(_with(case, 1, shape=(7, 1, 1, 4), data=weights))
    assert "zero point 0" in problems(_with(case, 1, zero_point=[3] * 7))
    assert "must be constants" in problems(_with(case, 1, data=None))
    assert "TANH" in problems(replace(case, options={**case.options, **tanh}))


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_emulated_equals_oracle(optimize: Optimize, tmp_path: Path) -> None:
    assert emulated_mismatches(CASES, tmp_path, optimize) == 0
