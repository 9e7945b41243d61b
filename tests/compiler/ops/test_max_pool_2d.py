# SPDX-License-Identifier: Apache-2.0
"""MAX_POOL_2D: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.shared_cases import pool, pools

CASES = pools("MAX_POOL_2D")


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_scale_must_stay() -> None:
    options = CASES["global"].options
    changed = Case("MAX_POOL_2D", [t((1, 6, 5, 7), 0.1)], t((1, 1, 1, 7), 0.2), options)
    assert "scales that differ by at most 1e-6" in problems(changed)


def test_batch_must_be_1() -> None:
    assert "batch, the first dimension, must be 1" in problems(
        pool("MAX_POOL_2D", (2, 6, 5, 7), (2, 1, 1, 7), (6, 5), (1, 1))
    )
