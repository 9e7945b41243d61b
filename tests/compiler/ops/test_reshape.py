# SPDX-License-Identifier: Apache-2.0
"""RESHAPE: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(x: tuple[int, ...], y: tuple[int, ...], *shape: int) -> Case:
    return Case("RESHAPE", [t(x, 0.03, -7), ints(*shape)], t(y, 0.03, -7))


CASES = {
    "flatten": case((1, 3, 4, 5), (1, 60), 1, 60),
    "rest": case((1, 3, 4, 5), (12, 5), -1, 5),
    "split": case((6, 4), (2, 3, 2, 2), 2, 3, 2, 2),
    "option": Case("RESHAPE", [t((3, 4), 0.5, 1)], t((2, 6), 0.5, 1), {"new_shape": [2, 6]}),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_shape_must_be_constant() -> None:
    shape = t((2,), dtype="int32")
    assert "new shape must be a constant" in problems(
        Case("RESHAPE", [t((3, 4), 0.5), shape], t((3, 4), 0.5))
    )
