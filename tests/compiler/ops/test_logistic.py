# SPDX-License-Identifier: Apache-2.0
"""LOGISTIC: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.shared_cases import curve, squashing

CASES = squashing("LOGISTIC", 1 / 256, -128) | {
    "tiny_scale": curve("LOGISTIC", t((3, 200), 1e-6, 12), 1 / 256, -128),
    "end": curve("LOGISTIC", t((1, 700), 0.09, 127), 1 / 256, -128),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_output_quantization() -> None:
    case = Case("LOGISTIC", [t((2, 3), 0.1)], t((2, 3), 0.2))
    assert "must have scale 1/256 and zero point -128" in problems(case)
