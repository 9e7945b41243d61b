# SPDX-License-Identifier: Apache-2.0
"""ELU: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, t


def case(scale: float, zero_point: int, out_scale: float, out_zero_point: int) -> Case:
    shape = (1, 5, 4, 30)
    return Case("ELU", [t(shape, scale, zero_point)], t(shape, out_scale, out_zero_point))


CASES = {
    "usual": case(0.05, -37, 0.034, -98),
    "fine": case(0.002, 3, 0.0017, -9),
    "coarse": case(0.7, 5, 0.35, -125),
    "saturated": case(0.04, 11, 0.003, 40),
    "other_fine": case(0.0113, -61, 0.0079, -127),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
