# SPDX-License-Identifier: Apache-2.0
"""DEPTH_TO_SPACE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(deep: tuple[int, int, int], block: int) -> Case:
    """`deep` is the shape of the image with more channels."""
    h, w, c = deep
    images = [(1, h, w, c), (1, h * block, w * block, c // block**2)]
    x, y = images
    return Case("DEPTH_TO_SPACE", [t(x, 0.03, -7)], t(y, 0.03, -7), {"block_size": block})


CASES = {
    "two": case((4, 3, 20), 2),
    "three": case((2, 5, 18), 3),
    "one": case((4, 3, 5), 1),
    "height_1": case((1, 6, 12), 2),
    "width_1": case((5, 1, 12), 2),
    "pixel": case((1, 1, 32), 4),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_parts_of_blocks() -> None:
    odd = Case("DEPTH_TO_SPACE", [t((1, 2, 3, 6), 0.1)], t((1, 4, 6, 1), 0.1), {"block_size": 2})
    assert "must be a multiple of the block's pixels; got 6 channels for 4 pixels" in problems(odd)
