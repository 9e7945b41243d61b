# SPDX-License-Identifier: Apache-2.0
"""DEPTHWISE_CONV_2D: numpy and generated C equal tflite-micro; what is not supported is refused."""

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


def case(window: Window, sums: Sums = Sums()) -> Case:  # noqa: B008
    return convolution(window, sums, depthwise=True)


CASES = {
    "window": case(Window((9, 8, 5), (3, 4), 5, (2, 3))),
    "same": case(Window((9, 8, 8), (3, 3), 8, padding="SAME"), Sums("RELU", (-128, -128))),
    "same_strided": case(Window((9, 8, 6), (3, 3), 6, (2, 2), padding="SAME")),
    "five": case(Window((7, 9, 4), (5, 5), 4, padding="SAME")),
    "seven": case(Window((9, 8, 9), (7, 7), 9, (2, 2), padding="SAME"), Sums("RELU6", (3, -128))),
    "strips": case(Window((4, 57, 6), (3, 3), 6, padding="SAME")),
    "strips_strided": case(Window((5, 102, 4), (3, 3), 4, (2, 2), padding="SAME"), Sums("RELU")),
    "strips_inside": case(Window((4, 29, 7), (3, 3), 7), Sums("RELU", (5, -128))),
    "strips_strided_inside": case(Window((5, 60, 5), (3, 3), 5, (1, 2))),
    "three_columns_apart": case(Window((5, 14, 4), (3, 3), 4, (1, 3))),
    "one_column": case(Window((5, 1, 4), (3, 3), 4, padding="SAME")),
    "even_height": case(Window((7, 8, 4), (4, 2), 4, padding="SAME")),
    "tall": case(Window((9, 3, 4), (6, 1), 4)),
    "wide": case(Window((4, 9, 4), (1, 7), 4, padding="SAME")),
    "taller_than_kernels": case(Window((12, 5, 4), (9, 3), 4)),
    "dilated": case(Window((11, 12, 4), (3, 2), 4, (1, 2), (2, 3), "SAME")),
    "few_channels": case(Window((6, 7, 3), (3, 3), 3)),
    "multiplier": case(Window((6, 7, 3), (3, 2), 12, padding="SAME")),
    "one_channel": case(Window((9, 10, 1), (5, 4), 8, (2, 2), padding="SAME")),
    "kernel_larger_than_image": case(Window((3, 2, 4), (7, 5), 4, padding="SAME")),
    "relu_n1_to_1": case(Window((5, 6, 4), (3, 3), 4), Sums("RELU_N1_TO_1", (7, -11))),
    "per_tensor": case(Window((5, 6, 4), (2, 3), 4), Sums(per_channel=False)),
    "no_bias": case(Window((5, 6, 4), (2, 3), 4), Sums(bias=False)),
    "least_weights": case(Window((5, 6, 4), (3, 3), 4), Sums(low=-128)),
    "constant_channels": case(Window((5, 6, 8), (2, 3), 8), Sums(ratio=2.0**40)),
    "pointwise": case(Window((5, 6, 5), (1, 1), 5)),
    "height_1": case(Window((1, 12, 4), (1, 5), 4, (1, 2), padding="SAME")),
    "one_row_of_pixels": case(Window((5, 8, 4), (5, 4), 4, (1, 2))),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp", "dsp_lean", "dsp_least"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_emulated_equals_oracle(optimize: Optimize, tmp_path: Path) -> None:
    assert emulated_mismatches(CASES, tmp_path, optimize) == 0


def test_channels_must_be_a_multiple() -> None:
    given = CASES["window"]
    weights = replace(
        given.inputs[1], shape=(1, 3, 4, 7), scale=0.1, data=np.ones((1, 3, 4, 7), np.int8)
    )
    wrong = replace(given, inputs=[given.inputs[0], weights])
    assert "a multiple of the input's" in problems(wrong)
