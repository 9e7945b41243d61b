# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.op_cases import random_constant as constant


def case(a: tuple[int, ...], b: tuple[int, ...], out: tuple[int, ...]) -> Case:
    return Case("MINIMUM", [t(a, 0.03, -7), t(b, 0.03, -7)], t(out, 0.03, -7))


CASES = {
    "same_shape": case((1, 5, 4, 3), (1, 5, 4, 3), (1, 5, 4, 3)),
    "channels": case((1, 5, 4, 3), (1, 1, 1, 3), (1, 5, 4, 3)),
    "tokens": case((1, 6, 1), (1, 6, 8), (1, 6, 8)),
    "both_broadcast": case((1, 4, 1, 7), (1, 4, 3, 1), (1, 4, 3, 7)),
    "vectors": case((1, 9), (1, 9), (1, 9)),
    "constant": Case(
        "MINIMUM", [t((1, 9, 8), 0.2, 3), constant((1, 9, 8), 0.2, 3, 1)], t((1, 9, 8), 0.2, 3)
    ),
    "scalar_first": Case(
        "MINIMUM", [t((), 0.2, 3, data=-41), t((1, 9, 8), 0.2, 3)], t((1, 9, 8), 0.2, 3)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_other_quantization() -> None:
    other = Case("MINIMUM", [t((2, 3), 0.1), t((2, 3), 0.2)], t((2, 3), 0.1))
    assert "must have the same scale and zero point" in problems(other)
