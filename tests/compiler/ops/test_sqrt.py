# SPDX-License-Identifier: Apache-2.0
"""SQRT: numpy and generated C equal LiteRT's reference kernel; tflite-micro has none for int8."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(shape: tuple[int, ...], scale: float, y: tuple[float, int]) -> Case:
    return Case("SQRT", [t(shape, scale, -128)], t(shape, *y))


CASES = {
    "variance": case((1, 5, 60), 0.0021, (0.003, -128)),
    "coarse": case((3, 200), 0.17, (0.9, 12)),
    "saturated": case((300,), 2.5, (0.11, -90)),
    # Whole multiples of the output's scale, where the way of dividing matters.
    "on_the_edge": case((2, 150), 0.1 * 0.1, (0.1, -100)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_input_must_not_be_negative() -> None:
    assert "zero point -128" in problems(Case("SQRT", [t((2, 3), 0.1, -127)], t((2, 3), 0.1)))
