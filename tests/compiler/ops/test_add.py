# SPDX-License-Identifier: Apache-2.0
"""ADD: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    problems,
    random_constant,
    t,
)
from tests.support.tflite_builder import TensorSpec


def case(a: TensorSpec, b: TensorSpec, out: TensorSpec, activation: str = "NONE") -> Case:
    return Case("ADD", [a, b], out, {"fused_activation_function": activation})


CASES = {
    "residual": case(
        t((1, 5, 4, 3), 0.03, -7), t((1, 5, 4, 3), 0.05, 11), t((1, 5, 4, 3), 0.06, 2)
    ),
    "relu": case(
        t((1, 3, 4, 5), 0.7, 3), t((1, 3, 4, 5), 0.2, -1), t((1, 3, 4, 5), 0.9, -20), "RELU"
    ),
    "relu6": case(
        t((1, 3, 2, 5), 0.05, 3), t((1, 3, 2, 5), 0.04, -1), t((1, 3, 2, 5), 0.03, -9), "RELU6"
    ),
    "relu_n1_to_1": case(
        t((2, 7), 0.05, 3), t((2, 7), 0.04, -1), t((2, 7), 0.03, -9), "RELU_N1_TO_1"
    ),
    "channel_vector": case(
        t((1, 4, 3, 6), 0.5, 4), random_constant((6,), 0.3, -5, 1), t((1, 4, 3, 6), 0.6, 9)
    ),
    "constant_first": case(
        random_constant((1, 1, 6), 0.3, -5, 2), t((1, 4, 6), 0.5, 4), t((1, 4, 6), 0.6, 9)
    ),
    "position_embedding": case(
        t((1, 9, 8), 0.02, 5), random_constant((1, 9, 8), 0.01, 0, 3), t((1, 9, 8), 0.025, -3)
    ),
    "scalar": case(t((1, 4, 3), 0.5, 4), t((), 0.25, -2, data=-77), t((1, 4, 3), 0.6, 9)),
    "value_for_each_token": case(
        t((1, 6, 8), 0.2, 5), t((1, 6, 1), 0.1, 8), t((1, 6, 8), 0.25, -3)
    ),
    "value_for_each_pixel": case(
        t((1, 4, 3, 1), 0.2, 5), t((1, 4, 3, 7), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "column_for_each_row": case(
        t((1, 4, 1, 7), 0.2, 5), t((1, 4, 3, 7), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "row_for_all_rows": case(
        t((1, 4, 3, 7), 0.2, 5), t((1, 1, 3, 7), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "mask_for_all_heads": case(
        t((1, 3, 5, 4), 0.2, 5), t((1, 1, 5, 4), 0.1, 8), t((1, 3, 5, 4), 0.25, -3)
    ),
    "both_broadcast": case(
        t((1, 4, 1, 7), 0.2, 5), t((1, 4, 3, 1), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "outer_sum": case(t((1, 5, 1), 0.2, 5), t((1, 1, 6), 0.1, 8), t((1, 5, 6), 0.25, -3)),
    "vectors": case(t((1, 9), 0.2, 5), t((1, 9), 0.1, 8), t((1, 9), 0.25, -3)),
    "far_scales": case(t((3, 9), 20.0, 5), t((3, 9), 0.001, 8), t((3, 9), 13.0, -3)),
    "height_1": case(t((1, 1, 8, 6), 0.5, 4), t((1, 1, 1, 6), 0.3, -5), t((1, 1, 8, 6), 0.6, 9)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)


REFUSED = {
    "TANH": case(t((2, 3), 0.1), t((2, 3), 0.2), t((2, 3), 0.3), "TANH"),
    "three_groups": case(t((1, 4, 2, 1, 3), 0.2), t((1, 4, 1, 5, 3), 0.1), t((1, 4, 2, 5, 3), 0.3)),
    "tiny_output_scale": case(t((2, 3), 1.0), t((2, 3), 1.0), t((2, 3), 1e-6)),
}


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("TANH", "fused activation must be NONE, RELU, RELU_N1_TO_1 or RELU6"),
        ("three_groups", "at most two groups of axes may be broadcast"),
        ("tiny_output_scale", "must be less than 524288 times the output scale"),
    ],
)
def test_refusals_say_why(name: str, want: str) -> None:
    assert want in problems(REFUSED[name])
