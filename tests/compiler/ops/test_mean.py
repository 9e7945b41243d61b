# SPDX-License-Identifier: Apache-2.0
"""MEAN: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(
    x: tuple[int, ...], y: tuple[int, ...], axes: tuple[int, ...], keep_dims: bool = False
) -> Case:
    out = t(y, 0.021, 5)
    return Case("MEAN", [t(x, 0.03, -7), ints(*axes)], out, {"keep_dims": keep_dims})


CASES = {
    "spatial": case((1, 6, 5, 7), (1, 7), (1, 2)),
    "spatial_keep_dims": case((1, 6, 5, 7), (1, 1, 1, 7), (2, 1), True),
    "last_axis": case((1, 9, 8), (1, 9, 1), (2,), True),
    "last_axis_negative": case((1, 9, 8), (1, 9, 1), (-1,), True),
    "last_axis_dropped": case((1, 9, 8), (1, 9), (2,)),
    "last_of_four": case((1, 4, 3, 5), (1, 4, 3, 1), (3,), True),
    "tokens": case((1, 9, 8), (1, 8), (1,)),
    "height": case((1, 4, 3, 5), (1, 3, 5), (1,)),
    "height_keep_dims": case((1, 4, 3, 5), (1, 1, 3, 5), (1,), True),
    "width": case((1, 4, 3, 5), (1, 4, 5), (2,)),
    "height_and_channels": case((1, 4, 3, 5), (1, 1, 3, 1), (1, 3), True),
    "width_and_channels": case((1, 4, 3, 5), (1, 4), (2, 3)),
    "all_but_batch": case((1, 4, 3, 5), (1, 1, 1, 1), (1, 2, 3), True),
    "alternating": case((2, 3, 4, 5), (3, 5), (0, 2)),
    "one_element": case((1, 1, 1, 5), (1, 5), (1, 2)),
    "vector": case((1, 50), (1, 1), (1,), True),
}

EXTREME_SCALES = {
    "larger_output": Case(
        "MEAN", [t((1, 6, 70), 1e-4, -7), ints(2)], t((1, 6), 3.0, 5), {"keep_dims": False}
    ),
    "smaller_output": Case(
        "MEAN", [t((1, 6, 70), 1.0, -7), ints(2)], t((1, 6), 1e-3, 5), {"keep_dims": False}
    ),
}
CASES |= EXTREME_SCALES


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_axes_must_be_constant() -> None:
    axes = t((1,), dtype="int32")
    refused = Case("MEAN", [t((3, 4), 0.5), axes], t((3,), 0.5), {"keep_dims": False})
    assert "want constant numbers" in problems(refused)


def test_axis_outside() -> None:
    assert "want -3 to 2" in problems(case((1, 9, 8), (1, 9), (3,)))
