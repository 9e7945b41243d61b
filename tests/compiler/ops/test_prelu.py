# SPDX-License-Identifier: Apache-2.0
"""PRELU: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.op_cases import random_constant as constant


def case(x: tuple[int, ...], alpha: tuple[int, ...], alpha_scale: float, seed: int) -> Case:
    slopes = constant(alpha, alpha_scale, 2 * seed - 9, seed)
    return Case("PRELU", [t(x, 0.03, -7), slopes], t(x, 0.02, 5))


CASES = {
    "channels": case((1, 5, 4, 3), (1, 1, 3), 0.004, 1),
    "one": case((1, 5, 4, 6), (1, 1, 1), 0.01, 2),
    "each": case((1, 5, 4, 3), (5, 4, 3), 0.007, 3),
    "columns": case((1, 5, 4, 3), (1, 4, 3), 0.03, 4),
    "vector": case((1, 99), (99,), 0.002, 5),
    "computed": Case(
        "PRELU", [t((1, 6, 8), 0.2, 5), t((1, 6, 1), 0.01, 8)], t((1, 6, 8), 0.25, -3)
    ),
    "shift_left": Case("PRELU", [t((3, 99), 1.1, 5), t((3, 99), 0.9, 8)], t((3, 99), 0.3, -3)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_scales_out_of_reach() -> None:
    far = Case("PRELU", [t((3, 9), 9e3, 5), t((3, 9), 0.1, 8)], t((3, 9), 0.1, -3))
    assert "must be less than 32768 times the output scale; got 2^17 times it" in problems(far)
