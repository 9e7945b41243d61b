# SPDX-License-Identifier: Apache-2.0
"""DEPTH_TO_SPACE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.shared_cases import IMAGES_AND_BLOCKS, image_and_blocks


def case(block: int, shape: tuple[int, int, int]) -> Case:
    wide, deep = image_and_blocks(block, shape)
    return Case("DEPTH_TO_SPACE", [deep], wide, {"block_size": block})


CASES = {name: case(*sizes) for name, sizes in IMAGES_AND_BLOCKS.items()}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_parts_of_blocks() -> None:
    odd = Case("DEPTH_TO_SPACE", [t((1, 2, 3, 6), 0.1)], t((1, 4, 6, 1), 0.1), {"block_size": 2})
    assert "must be a multiple of the block's pixels; got 6 channels for 4 pixels" in problems(odd)
