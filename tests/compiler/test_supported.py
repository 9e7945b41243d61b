# SPDX-License-Identifier: Apache-2.0
"""docs/SUPPORTED_OPS.md says what the operators say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tflite

from netsuke.compiler.ops.base import Operator, constraint_text
from netsuke.compiler.ops.registry import by_builtin
from netsuke.compiler.supported import supported_ops

PAGE = Path(__file__).parents[2] / "docs" / "SUPPORTED_OPS.md"
UPDATE = "run: python -m netsuke.compiler.supported > docs/SUPPORTED_OPS.md"


def test_page_is_current() -> None:
    assert PAGE.read_text() == supported_ops(), UPDATE


def test_every_operator_has_a_section() -> None:
    headings = [line[3:] for line in supported_ops().splitlines() if line.startswith("## ")]
    assert headings == ["Every model", *sorted(o.builtin for o in by_builtin().values())]


@pytest.mark.parametrize("operator", by_builtin().values(), ids=lambda o: o.name)
def test_operator_is_named_as_in_tflite(operator: Operator[Any]) -> None:
    builtin = operator.builtin
    assert isinstance(getattr(tflite.BuiltinOperator, builtin), int)
    assert operator.name == builtin.lower()


@pytest.mark.parametrize("operator", by_builtin().values(), ids=lambda o: o.name)
def test_every_constraint_says_what_it_wants(operator: Operator[Any]) -> None:
    for constraint in operator.constraints:
        text = constraint_text(constraint)
        assert text.isprintable() and len(text) > 10, constraint.__name__
