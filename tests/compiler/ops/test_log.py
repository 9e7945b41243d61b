# SPDX-License-Identifier: Apache-2.0
"""LOG: numpy and generated C equal LiteRT's reference kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, t


def case(scale: float, zero_point: int, out_scale: float, out_zero_point: int) -> Case:
    shape = (1, 5, 4, 30)
    return Case("LOG", [t(shape, scale, zero_point)], t(shape, out_scale, out_zero_point))


CASES = {
    "positive": case(0.05, -128, 0.03, 20),
    "some_not_positive": case(0.02, -100, 0.04, 11),
    "softplus": case(0.037, -128, 0.0093, -127),
    "far_scales": case(7.3, -128, 0.001, 3),
    "coarse_output": case(0.003, -128, 0.9, -2),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
