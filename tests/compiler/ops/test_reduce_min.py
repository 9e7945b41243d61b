# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MIN: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import c_equals_oracle, equals_oracle
from tests.support.shared_cases import reductions

CASES = reductions("REDUCE_MIN", 0.03, -7)


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)
