# SPDX-License-Identifier: Apache-2.0
"""RESIZE_NEAREST_NEIGHBOR: numpy and generated C equal tflite-micro."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import c_equals_oracle, equals_oracle, problems
from tests.support.shared_cases import resize, resize_by_an_input, resizings

CASES = resizings("RESIZE_NEAREST_NEIGHBOR") | {
    "both": resize("RESIZE_NEAREST_NEIGHBOR", (4, 3, 5), (7, 11), True, True)
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_size_must_be_constant() -> None:
    assert "two constant numbers from 1" in problems(resize_by_an_input("RESIZE_NEAREST_NEIGHBOR"))
