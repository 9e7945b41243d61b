# SPDX-License-Identifier: Apache-2.0
"""RESIZE_BILINEAR: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import c_equals_oracle, equals_oracle, problems
from tests.support.shared_cases import resize, resize_by_an_input, resizings

CASES = resizings("RESIZE_BILINEAR")


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_size_must_be_constant() -> None:
    assert "two constant numbers from 1" in problems(resize_by_an_input("RESIZE_BILINEAR"))


def test_both_ways_of_centres() -> None:
    assert "may be set, not both; got both" in problems(
        resize("RESIZE_BILINEAR", (4, 3, 5), (7, 11), True, True)
    )


def test_positions_beyond_the_edge() -> None:
    # The step rounds up to 1/1024, and 1/1024 times 2047 is beyond the only pixel.
    assert "beyond the input's edge; got 2048 from 1" in problems(
        resize("RESIZE_BILINEAR", (1, 3, 1), (2048, 3))
    )
