# SPDX-License-Identifier: Apache-2.0
"""SQUARED_DIFFERENCE: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, random_constant, t
from tests.support.tflite_builder import TensorSpec


def case(a: TensorSpec, b: TensorSpec, out: TensorSpec) -> Case:
    return Case("SQUARED_DIFFERENCE", [a, b], out)


CASES = {
    "same_shape": case(
        t((1, 5, 4, 3), 0.03, -7), t((1, 5, 4, 3), 0.05, 11), t((1, 5, 4, 3), 0.06, 2)
    ),
    "mean": case(t((1, 6, 8), 0.2, 5), t((1, 6, 1), 0.1, 8), t((1, 6, 8), 0.25, -128)),
    "channel_vector": case(
        t((1, 4, 3, 6), 0.5, 4), random_constant((6,), 0.3, -5, 1), t((1, 4, 3, 6), 0.6, 9)
    ),
    "shift_left": case(t((3, 99), 1.1, 5), t((3, 99), 0.9, 8), t((3, 99), 1e-4, -3)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
