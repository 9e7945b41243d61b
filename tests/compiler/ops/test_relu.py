# SPDX-License-Identifier: Apache-2.0
"""RELU: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.tflite_builder import TensorSpec


def case(x: TensorSpec, y: TensorSpec) -> Case:
    return Case("RELU", [x], y)


CASES = {
    "same_quantization": case(t((1, 5, 4, 30), 0.1, -7), t((1, 5, 4, 30), 0.1, -7)),
    "finer": case(t((1, 600), 0.1, 3), t((1, 600), 0.03, -128)),
    "coarser": case(t((3, 200), 0.01, 5), t((3, 200), 0.07, -9)),
    "much_coarser": case(t((3, 200), 1e-6, 5), t((3, 200), 1e6, -9)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_scalars_are_refused() -> None:
    assert "at least one dimension" in problems(case(t((), 0.1), t((), 0.1)))
