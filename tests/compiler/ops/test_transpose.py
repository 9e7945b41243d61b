# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(x: tuple[int, ...], *order: int) -> Case:
    y = tuple(x[a] for a in order)
    return Case("TRANSPOSE", [t(x, 0.03, -7), ints(*order)], t(y, 0.03, -7))


CASES = {
    "matrix": case((7, 5), 1, 0),
    "heads": case((1, 6, 3, 4), 0, 2, 1, 3),
    "keys": case((1, 6, 3, 4), 0, 2, 3, 1),
    "within_rows": case((1, 6, 3, 4), 0, 1, 3, 2),
    "nchw": case((1, 6, 3, 4), 0, 3, 1, 2),
    "five": case((2, 3, 4, 5, 6), 4, 2, 0, 3, 1),
    "identity": case((1, 6, 3, 4), 0, 1, 2, 3),
    "windows": case((1, 2, 4, 2, 4, 3), 0, 1, 3, 2, 4, 5),
    "patches": case((1, 2, 4, 3, 4, 5), 0, 2, 4, 1, 3, 5),
    "six": case((1, 2, 3, 4, 5, 6), 0, 5, 3, 1, 4, 2),
    "ones": case((1, 6, 1, 4), 2, 1, 0, 3),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_order_must_hold_each_axis_once() -> None:
    wrong = Case("TRANSPOSE", [t((3, 4), 0.5), ints(1, 1)], t((4, 4), 0.5))
    assert "each axis of 2 once" in problems(wrong)


def test_too_many_steps() -> None:
    text = problems(case((2, 2, 3, 2, 3, 2), 5, 4, 3, 2, 1, 0))
    assert "in at most four different ways; got 5, from (2, 2, 3, 2, 3, 2)" in text
