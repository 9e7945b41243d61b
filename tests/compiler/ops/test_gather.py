# SPDX-License-Identifier: Apache-2.0
"""GATHER: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(x: tuple[int, ...], y: tuple[int, ...], axis: int, *indices: int) -> Case:
    return Case("GATHER", [t(x, 0.03, -7), ints(*indices)], t(y, 0.03, -7), {"axis": axis})


CASES = {
    "class_token": Case(
        "GATHER",
        [t((1, 9, 6), 0.03, -7), t((), data=2, dtype="int32")],
        t((1, 6), 0.03, -7),
        {"axis": 1},
    ),
    "one": case((1, 9, 6), (1, 1, 6), 1, 4),
    "rows": case((1, 9, 6), (1, 3, 6), 1, 1, 4, 7),
    "reversed": case((1, 9, 6), (1, 9, 3), -1, 5, 3, 1),
    "first_axis": case((7, 5), (2, 5), 0, 2, 3),
    "uneven_rows": case((7, 5), (4, 5), 0, 2, 3, 5, 2),
    "uneven_tokens": case((1, 9, 6), (1, 3, 6), 1, 8, 0, 3),
    "uneven_features": case((1, 9, 6), (1, 9, 4), 2, 5, 0, 1, 5),
    "uneven_inside": case((1, 4, 3, 5, 2), (1, 4, 3, 3, 2), 3, 4, 0, 1),
    "uneven_vector": case((1, 8), (1, 3), 1, 7, 1, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_indices_outside_are_refused() -> None:
    assert "want 0 to 6" in problems(case((7, 5), (1, 5), 0, 7))
