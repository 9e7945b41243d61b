# SPDX-License-Identifier: Apache-2.0
"""RSQRT: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(shape: tuple[int, ...], scale: float, out_scale: float, out_zero_point: int) -> Case:
    return Case("RSQRT", [t(shape, scale, -128)], t(shape, out_scale, out_zero_point))


CASES = {
    "variance": case((1, 300, 1), 1.5e-4, 0.029, -128),
    "large_variance": case((1, 300, 1), 0.0041, 0.0043, -100),
    "coarse": case((3, 200), 0.7, 0.01, -5),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_input_must_not_be_negative() -> None:
    negative = Case("RSQRT", [t((2, 3), 0.1, -127)], t((2, 3), 0.1))
    assert "zero point -128" in problems(negative)
