# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t
from tests.support.shared_cases import extremes

CASES = extremes("MINIMUM")


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_other_quantization() -> None:
    other = Case("MINIMUM", [t((2, 3), 0.1), t((2, 3), 0.2)], t((2, 3), 0.1))
    assert "must have the same scale and zero point" in problems(other)
