# SPDX-License-Identifier: Apache-2.0
"""UNPACK: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(axis: int, x: tuple[int, ...]) -> Case:
    at = axis % len(x)
    part = t((*x[:at], *x[at + 1 :]), 0.03, -7)
    options = {"axis": axis, "num": x[at]}
    return Case("UNPACK", [t(x, 0.03, -7)], part, options, more_outputs=[part] * (x[at] - 1))


CASES = {
    "first": case(0, (3, 4, 5)),
    "rows": case(1, (1, 2, 4, 5)),
    "inside_rows": case(2, (1, 4, 3, 5)),
    "last": case(-1, (1, 6, 2)),
    "heads": case(0, (3, 1, 2, 5, 4)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_number_is_the_extent_of_the_axis() -> None:
    wrong = Case("UNPACK", [t((3, 4), 0.03)], t((4,), 0.03), {"axis": 0, "num": 2})
    assert problems(wrong) == "UNPACK 0: num: got 2, want 3"
