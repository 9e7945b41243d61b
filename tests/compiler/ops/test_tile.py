# SPDX-License-Identifier: Apache-2.0
"""TILE: numpy and generated C equal LiteRT's reference kernel; the rest is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, ints, problems, t


def case(shape: tuple[int, ...], *multiples: int) -> Case:
    out = tuple(n * m for n, m in zip(shape, multiples, strict=True))
    return Case("TILE", [t(shape, 0.03, -7), ints(*multiples)], t(out, 0.03, -7))


CASES = {
    "rows": case((1, 5, 1, 4, 3), 1, 1, 2, 1, 1),
    "columns": case((1, 5, 4, 1, 3), 1, 1, 1, 3, 1),
    "both": case((1, 5, 1, 4, 1), 1, 1, 2, 1, 3),
    "pixel": case((1, 1, 1, 6), 1, 4, 5, 1),
    "channels": case((1, 4, 5, 1), 1, 1, 1, 7),
    "first": case((1, 4, 5), 3, 1, 1),
    "vector": case((1,), 9),
    "nothing": case((1, 4, 5), 1, 1, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_several_indices() -> None:
    text = problems(case((1, 4, 3), 1, 2, 1))
    assert "Only axes of one index may be repeated; got 4 indices 2 times" in text


def test_multiples_must_be_constant() -> None:
    computed = Case("TILE", [t((1, 4), 0.1), t((2,), dtype="int32")], t((2, 4), 0.1))
    assert "2 constant numbers from 1" in problems(computed)


def test_multiples_must_be_positive() -> None:
    never = Case("TILE", [t((1, 4), 0.1), ints(1, 0)], t((1, 4), 0.1))
    assert "got [1, 0], want 2 constant numbers from 1" in problems(never)
