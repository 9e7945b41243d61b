# SPDX-License-Identifier: Apache-2.0
"""SPLIT_V: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(axis: int, x: tuple[int, ...], *sizes: int) -> Case:
    at = axis % len(x)
    parts = [t((*x[:at], size, *x[at + 1 :]), 0.03, -7) for size in sizes]
    inputs = [t(x, 0.03, -7), ints(*sizes), ints(axis)]
    options = {"num_splits": len(sizes)}
    return Case("SPLIT_V", inputs, parts[0], options, more_outputs=parts[1:])


CASES = {
    "features": case(-1, (1, 5, 12), 3, 2, 7),
    "rows": case(1, (1, 6, 5, 4), 1, 5),
    "columns": case(2, (1, 3, 6, 5), 4, 2),
    "batch": case(0, (4, 7), 1, 3),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_sizes_must_sum_to_the_axis() -> None:
    text = problems(case(1, (1, 7), 2, 4))
    assert text == "SPLIT_V 0: sizes: got [2, 4], want positive ones that sum to 7"
