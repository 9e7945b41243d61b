# SPDX-License-Identifier: Apache-2.0
"""LEAKY_RELU: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, t


def case(
    alpha: float, scale: float, zero_point: int, out_scale: float, out_zero_point: int
) -> Case:
    x, y = t((1, 5, 4, 30), scale, zero_point), t((1, 5, 4, 30), out_scale, out_zero_point)
    return Case("LEAKY_RELU", [x], y, {"alpha": alpha})


CASES = {
    "usual": case(0.2, 0.05, -37, 0.04, -90),
    "steep": case(1.7, 0.03, 12, 0.05, 7),
    "rising_below_zero": case(-0.4, 0.03, 3, 0.031, -11),
    "flat": case(0.0, 0.03, -5, 0.02, -128),
    "far_scales": case(0.01, 9.0, 5, 0.001, 8),
    "coarser": case(0.3, 0.0007, -20, 0.11, 4),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
