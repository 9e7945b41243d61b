# SPDX-License-Identifier: Apache-2.0
"""RELU6: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(shape: tuple[int, ...], scale: float, zero_point: int) -> Case:
    return Case("RELU6", [t(shape, scale, zero_point)], t(shape, scale, zero_point))


CASES = {
    "inside": case((1, 5, 4, 30), 0.1, -37),
    "coarse": case((1, 600), 1.1, 3),
    "six_beyond_range": case((3, 200), 0.01, 5),
    "all_clamped": case((3, 200), 0.06, 127),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_requantization_is_refused() -> None:
    case = Case("RELU6", [t((2, 3), 0.1)], t((2, 3), 0.2))
    assert "must have the same scale and zero point" in problems(case)
