# SPDX-License-Identifier: Apache-2.0
"""RESIZE_BILINEAR: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(
    x: tuple[int, int, int],
    y: tuple[int, int],
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> Case:
    options = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    inputs = [t((1, *x), 0.03, -7), ints(*y)]
    return Case("RESIZE_BILINEAR", inputs, t((1, *y, x[2]), 0.03, -7), options)


CASES = {
    "twice": case((4, 3, 5), (8, 6)),
    "odd": case((4, 3, 5), (7, 11)),
    "smaller": case((9, 7, 2), (4, 3)),
    "align_corners": case((4, 3, 5), (7, 11), True),
    "half_pixel_centers": case((4, 3, 5), (7, 11), False, True),
    "half_pixel_smaller": case((9, 7, 2), (4, 3), False, True),
    "half_pixel_three": case((4, 3, 5), (12, 9), False, True),
    "half_pixel_twice": case((5, 3, 3), (10, 6), False, True),
    "corners_smaller": case((9, 7, 2), (4, 3), True),
    "from_height_1": case((1, 3, 5), (4, 6)),
    "to_height_1": case((4, 3, 5), (1, 6)),
    "to_pixel": case((4, 3, 5), (1, 1), True),
    "from_pixel": case((1, 1, 5), (3, 2)),
    "stays_height_1": case((1, 3, 5), (1, 6)),
    "long": case((3, 1, 2), (100, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_size_must_be_constant() -> None:
    inputs = [t((1, 4, 3, 5), 0.1), t((2,), dtype="int32")]
    computed = Case("RESIZE_BILINEAR", inputs, t((1, 8, 6, 5), 0.1), CASES["twice"].options)
    assert "two constant numbers from 1" in problems(computed)


def test_both_ways_of_centres() -> None:
    assert "may be set, not both; got both" in problems(case((4, 3, 5), (7, 11), True, True))


def test_positions_beyond_the_edge() -> None:
    # The step rounds up to 1/1024, and 1/1024 times 2047 is beyond the only pixel.
    assert "beyond the input's edge; got 2048 from 1" in problems(case((1, 3, 1), (2048, 3)))
