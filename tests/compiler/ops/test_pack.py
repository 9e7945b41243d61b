# SPDX-License-Identifier: Apache-2.0
"""PACK: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import (
    Case,
    c_equals_oracle,
    equals_oracle,
    problems,
    random_constant,
    t,
)


def case(axis: int, y: tuple[int, ...], count: int, x: tuple[int, ...]) -> Case:
    options = {"axis": axis, "values_count": count}
    return Case("PACK", [t(x, 0.03, -7)] * count, t(y, 0.03, -7), options)


CASES = {
    "first": case(0, (3, 4, 5), 3, (4, 5)),
    "batch": case(0, (2, 1, 4, 5), 2, (1, 4, 5)),
    "inside_rows": case(2, (1, 4, 3, 5), 3, (1, 4, 5)),
    "rows": case(1, (1, 2, 4, 5), 2, (1, 4, 5)),
    "vectors": case(0, (2, 9), 2, (9,)),
    "one": case(1, (1, 1, 6, 5), 1, (1, 6, 5)),
    "constant": Case(
        "PACK",
        [random_constant((1, 6), 0.03, -7, 5), t((1, 6), 0.03, -7)],
        t((1, 2, 6), 0.03, -7),
        {"axis": 1, "values_count": 2},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_new_last_axis_is_refused() -> None:
    assert "new axis must not be the last" in problems(case(-1, (4, 5, 2), 2, (4, 5)))
