# SPDX-License-Identifier: Apache-2.0
"""SUB: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.ops.base import Isa
from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, random_constant, t
from tests.support.tflite_builder import TensorSpec


def case(a: TensorSpec, b: TensorSpec, out: TensorSpec, activation: str = "NONE") -> Case:
    return Case("SUB", [a, b], out, {"fused_activation_function": activation})


CASES = {
    "same_shape": case(
        t((1, 5, 4, 3), 0.03, -7), t((1, 5, 4, 3), 0.05, 11), t((1, 5, 4, 3), 0.06, 2)
    ),
    "relu": case(
        t((1, 3, 4, 5), 0.7, 3), t((1, 3, 4, 5), 0.2, -1), t((1, 3, 4, 5), 0.9, -20), "RELU"
    ),
    "relu6": case(t((3, 10), 0.05, 3), t((3, 10), 0.14, -1), t((3, 10), 0.03, -9), "RELU6"),
    "channel_vector": case(
        t((1, 4, 3, 6), 0.5, 4), random_constant((6,), 0.3, -5, 1), t((1, 4, 3, 6), 0.6, 9)
    ),
    "constant_first": case(
        random_constant((1, 1, 6), 0.3, -5, 2), t((1, 4, 6), 0.5, 4), t((1, 4, 6), 0.6, 9)
    ),
    "constant_rows": case(
        t((1, 9, 8), 0.02, 5), random_constant((1, 9, 8), 0.7, 0, 3), t((1, 9, 8), 0.025, -3)
    ),
    "scalar": case(t((1, 4, 3), 0.5, 4), t((), 0.25, -2, data=-77), t((1, 4, 3), 0.6, 9)),
    "value_for_each_token": case(
        t((1, 6, 8), 0.2, 5), t((1, 6, 1), 0.1, 8), t((1, 6, 8), 0.25, -3)
    ),
    "token_first": case(t((1, 6, 1), 0.2, 5), t((1, 6, 8), 0.1, 8), t((1, 6, 8), 0.25, -3)),
    "squeeze_and_excite": case(
        t((1, 4, 3, 7), 0.2, 5), t((1, 1, 1, 7), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "both_broadcast": case(
        t((1, 4, 1, 7), 0.2, 5), t((1, 4, 3, 1), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
    ),
    "vectors": case(t((1, 9), 0.2, 5), t((1, 9), 0.1, 8), t((1, 9), 0.25, -3)),
    "far_scales": case(t((3, 9), 20.0, 5), t((3, 9), 0.001, 8), t((3, 9), 13.0, -3)),
    "shift_left": case(t((3, 99), 1.1, 5), t((3, 99), 0.9, 8), t((3, 99), 0.3, -3)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


@pytest.mark.parametrize("isa", ["portable", "dsp"])
def test_c_equals_oracle(isa: Isa, tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path, isa)
