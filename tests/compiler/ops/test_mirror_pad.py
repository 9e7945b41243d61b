# SPDX-License-Identifier: Apache-2.0
"""MIRROR_PAD: numpy and generated C equal tflite-micro; what is not supported is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.op_cases import Case, c_equals_oracle, equals_oracle, problems, t

REFLECT, SYMMETRIC = 0, 1


def case(x: tuple[int, ...], mode: int, *pads: tuple[int, int]) -> Case:
    y = tuple(n + sum(p) for n, p in zip(x, pads, strict=True))
    paddings = t((len(x), 2), data=pads, dtype="int32")
    return Case("MIRROR_PAD", [t(x, 0.03, -7), paddings], t(y, 0.03, -7), {"mode": mode})


CASES = {
    "reflect": case((1, 5, 4, 3), REFLECT, (0, 0), (2, 1), (1, 3), (0, 0)),
    "symmetric": case((1, 5, 4, 3), SYMMETRIC, (0, 0), (2, 3), (4, 1), (0, 0)),
    "as_wide_as_can_be": case((1, 3, 4, 2), REFLECT, (0, 0), (2, 2), (3, 3), (0, 0)),
    "rows_only": case((1, 5, 4, 3), REFLECT, (0, 0), (0, 2), (0, 0), (0, 0)),
    "columns_only": case((1, 5, 4, 3), SYMMETRIC, (0, 0), (0, 0), (2, 0), (0, 0)),
    "sequence": case((1, 9, 6), REFLECT, (0, 0), (3, 2), (0, 0)),
    "height_1": case((1, 1, 6, 5), REFLECT, (0, 0), (0, 0), (4, 1), (0, 0)),
    "from_height_1": case((1, 1, 6, 5), SYMMETRIC, (0, 0), (1, 1), (2, 1), (0, 0)),
    "width_1": case((1, 6, 1, 5), SYMMETRIC, (0, 0), (3, 2), (1, 1), (0, 0)),
    "pixel": case((1, 1, 1, 5), SYMMETRIC, (0, 0), (1, 0), (0, 1), (0, 0)),
    "nothing": case((1, 3, 4, 2), REFLECT, (0, 0), (0, 0), (0, 0), (0, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_numpy_equals_oracle(name: str) -> None:
    equals_oracle(CASES[name])


def test_c_equals_oracle(tmp_path: Path) -> None:
    c_equals_oracle(CASES, tmp_path)


def test_channels_have_no_border() -> None:
    text = problems(case((1, 4, 3), REFLECT, (0, 0), (0, 0), (1, 1)))
    assert "with a border around the inner ones; got (1, 4, 3) with" in text


def test_more_than_there_is_to_mirror() -> None:
    text = problems(case((1, 4, 3), REFLECT, (0, 0), (4, 0), (0, 0)))
    assert "must not be wider than what it mirrors; got 4 beside 4" in text


def test_unknown_mode() -> None:
    assert "got 2, want 0 (REFLECT) or 1" in problems(case((1, 4, 3), 2, (0, 0), (1, 0), (0, 0)))
