# SPDX-License-Identifier: Apache-2.0
"""The tables of the README."""

from __future__ import annotations

import pytest

from tests.bench import baseline
from tests.bench.measure import Built, Measured
from tests.bench.table import BEGIN, END, into_page, tables
from tests.conftest import ROOT

SPEED, SIZE = Built(6_025_491, 12_000, 2_000, 30_661), Built(6_500_000, 9_000, 2_000, 30_661)
VWW = Measured("mps2-an386", 333_288, 7_489_664, 3_700_000, 25_177, 15_000, SPEED, SIZE, 8_987_597)


def cells(text: str, name: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith(f"| {name}")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_ratios_to_tflm() -> None:
    """24,101,965 instructions, 100,708 bytes of arena, 333,288 + 53,329 bytes of flash."""
    speed, memory = cells(tables({"vww_96_int8": VWW}), "vww_96_int8")
    assert speed[1:5] == ["7,489,664", "6,025,491", "0.80", "1.20"]
    assert speed[5:] == ["6,500,000", "24,101,965", "0.25"]
    assert memory[1:5] == ["25,177", "15,000", "100,708", "0.25"]
    assert memory[5:] == ["44,661", "41,661", "386,617", "0.12"]


def test_models_that_tflm_was_not_measured_on() -> None:
    speed, memory = cells(tables({"own": VWW}), "own")
    assert speed[-2:] == ["", ""]
    assert memory[3:5] == ["", ""]
    assert memory[-2:] == ["", ""]


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = into_page(f"before\n{BEGIN}old\n{END}after\n", "new\n")
    assert page == f"before\n{BEGIN}\nnew\n\n{END}after\n"
    assert into_page(page, "new\n") == page
    with pytest.raises(ValueError, match="substring not found"):
        into_page("no markers", "new")


def test_readme_shows_the_baseline() -> None:
    """python -m tests.bench --readme --json tests/bench/baseline.json writes both."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    figures = baseline.read(ROOT / "tests/bench/baseline.json")
    assert into_page(page, tables(figures)) == page, "README.md and baseline.json differ"
