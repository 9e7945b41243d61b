# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import c_equals_oracle, equals_oracle, problems
from tests.support.shared_cases import pool, pools

CASES = pools("AVERAGE_POOL_2D")


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_kernel_must_be_positive() -> None:
    assert "1 or more" in problems(
        pool("AVERAGE_POOL_2D", (1, 4, 4, 1), (1, 4, 4, 1), (0, 2), (1, 1))
    )


def test_kernel_has_an_end() -> None:
    case = pool("AVERAGE_POOL_2D", (1, 4, 4, 1), (1, 4, 4, 1), (2, 2**27), (1, 1), "SAME")
    assert "filter_width: got 134217728, want 1 or more, 16384 at most" in problems(case)


def test_kernel_must_fit() -> None:
    case = pool("AVERAGE_POOL_2D", (1, 4, 4, 1), (1, 1, 1, 1), (5, 2), (1, 1))
    assert "want [1, 0, 3, 1] by shape inference" in problems(case)
