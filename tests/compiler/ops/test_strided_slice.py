# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(
    x: tuple[int, ...],
    y: tuple[int, ...],
    begins: tuple[int, ...],
    ends: tuple[int, ...],
    steps: tuple[int, ...],
    begin_mask: int = 0,
    end_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Case:
    options = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    bounds = [ints(*begins), ints(*ends), ints(*steps)]
    return Case("STRIDED_SLICE", [t(x, 0.03, -7), *bounds], t(y, 0.03, -7), options)


CASES = {
    "class_token": case((1, 9, 6), (1, 6), (0, 0, 0), (0, 1, 0), (1, 1, 1), 5, 5, 2),
    "patches": case((1, 9, 6), (1, 8, 6), (0, 1, 0), (0, 0, 0), (1, 1, 1), 5, 7),
    "every_other": case((1, 9, 6), (1, 4, 2), (0, 1, 5), (1, 9, 0), (1, 2, -3)),
    "backwards": case((7, 4), (7, 4), (0, -1), (7, -5), (1, -1), 0, 2),
    "rows_backwards": case((7, 4), (3, 4), (-1, 0), (0, 4), (-2, 1)),
    "image": case((1, 8, 7, 5), (1, 3, 2, 5), (0, 1, 2, 0), (1, 7, 6, 5), (1, 2, 2, 1)),
    "channels": case((1, 8, 7, 5), (1, 8, 7, 2), (0, 0, 0, 1), (1, 8, 7, 3), (1, 1, 1, 1)),
    "shrink_first": case((3, 4, 5), (4, 5), (2, 0, 0), (3, 4, 5), (1, 1, 1), 0, 0, 1),
    "shrink_last": case((3, 4, 5), (3, 4), (0, 0, -2), (3, 4, 0), (1, 1, 1), 0, 0, 4),
    "beyond": case((3, 4), (2, 4), (1, -9), (99, 99), (1, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_empty_slices_are_refused() -> None:
    empty = case((3, 4), (1, 4), (2, 0), (2, 4), (1, 1))
    assert "want at least one element" in problems(empty)


def test_ellipsis_is_refused() -> None:
    plain = CASES["beyond"]
    masked = Case("STRIDED_SLICE", plain.inputs, plain.output, {"ellipsis_mask": 1})
    assert "ellipsis_mask: got 1, want 0" in problems(masked)
