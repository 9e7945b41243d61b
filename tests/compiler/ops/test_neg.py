# SPDX-License-Identifier: Apache-2.0
"""NEG of int8: numpy and generated C equal LiteRT's reference kernel; tflite-micro has none.

float32 NEG between DEQUANTIZE and QUANTIZE is tested where it becomes a table (test_fuse_lookups).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t


def case(shape: tuple[int, ...], scale: float, zero_point: int) -> Case:
    return Case("NEG", [t(shape, scale, zero_point)], t(shape, scale, -zero_point))


CASES = {
    "tokens": case((1, 9, 40), 0.03, 17),
    "vector": case((500,), 0.2, -127),
    "centred": case((4, 3, 30), 0.007, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_numbers_that_negation_does_not_map_to_each_other_are_refused() -> None:
    for out in (t((2, 3), 0.1, 5), t((2, 3), 0.2, -5)):
        found = problems(Case("NEG", [t((2, 3), 0.1, 5)], out))
        assert "zero points that are each other's negative" in found
