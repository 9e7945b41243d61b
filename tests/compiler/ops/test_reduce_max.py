# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MAX: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, t


def case(
    x: tuple[int, ...], y: tuple[int, ...], axes: tuple[int, ...], keep_dims: bool = False
) -> Case:
    out = t(y, 0.03, -7)
    return Case("REDUCE_MAX", [t(x, 0.03, -7), ints(*axes)], out, {"keep_dims": keep_dims})


CASES = {
    "spatial": case((1, 6, 5, 7), (1, 7), (1, 2)),
    "last_axis": case((1, 9, 8), (1, 9, 1), (2,), True),
    "last_axis_dropped": case((1, 9, 8), (1, 9), (-1,)),
    "tokens": case((1, 9, 8), (1, 8), (1,)),
    "height": case((1, 4, 3, 5), (1, 3, 5), (1,)),
    "height_and_channels": case((1, 4, 3, 5), (1, 1, 3, 1), (1, 3), True),
    "alternating": case((2, 3, 4, 5), (3, 5), (0, 2)),
    "five": case((2, 3, 4, 5, 6), (3, 5), (0, 2, 4)),
    "five_kept": case((2, 3, 4, 5, 6), (2, 4, 6), (1, 3)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
