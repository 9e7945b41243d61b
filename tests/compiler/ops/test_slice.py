# SPDX-License-Identifier: Apache-2.0
"""SLICE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(
    x: tuple[int, ...], y: tuple[int, ...], begins: tuple[int, ...], sizes: tuple[int, ...]
) -> Case:
    return Case("SLICE", [t(x, 0.03, -7), ints(*begins), ints(*sizes)], t(y, 0.03, -7))


CASES = {
    "head": case((1, 9, 6), (1, 9, 2), (0, 0, 3), (1, 9, 2)),
    "rest": case((1, 9, 6), (1, 5, 4), (0, 4, 2), (-1, -1, -1)),
    "rows": case((1, 8, 7, 5), (1, 3, 7, 5), (0, 2, 0, 0), (1, 3, 7, 5)),
    "pixel": case((1, 8, 7, 5), (1, 1, 1, 5), (0, 6, 4, 0), (1, 1, 1, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_block_must_lie_inside() -> None:
    assert "inside 0 to 6" in problems(case((1, 6), (1, 4), (0, 3), (1, 4)))
