# SPDX-License-Identifier: Apache-2.0
"""EXP: numpy and generated C equal LiteRT's reference kernel; tflite-micro has none for int8."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, t


def case(shape: tuple[int, ...], x: tuple[float, int], y: tuple[float, int]) -> Case:
    return Case("EXP", [t(shape, *x)], t(shape, *y))


CASES = {
    "small": case((1, 5, 60), (0.021, 7), (0.031, -128)),
    "scores": case((3, 200), (0.17, 127), (1 / 256, -128)),
    "saturated": case((300,), (0.4, -60), (0.9, 3)),
    "beyond_float32": case((2, 150), (0.8, -117), (0.07, -5)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
