# SPDX-License-Identifier: Apache-2.0
"""LOGISTIC: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(shape: tuple[int, ...], scale: float, zero_point: int) -> Case:
    return Case("LOGISTIC", [t(shape, scale, zero_point)], t(shape, 1 / 256, -128))


CASES = {
    "usual": case((1, 5, 4, 30), 0.05, -37),
    "fine": case((1, 600), 0.002, 3),
    "coarse": case((3, 200), 0.3, 5),
    "very_coarse": case((3, 200), 4.7, -5),
    "tiny_scale": case((3, 200), 1e-6, 12),
    "end": case((1, 700), 0.09, 127),
    "steps": case((3, 200), 8.0, -7),
    "far_apart": case((3, 200), 33.4, 15),
    "farther": case((3, 200), 5e8, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_output_quantization() -> None:
    case = Case("LOGISTIC", [t((2, 3), 0.1)], t((2, 3), 0.2))
    assert "must have scale 1/256 and zero point -128" in problems(case)
