# SPDX-License-Identifier: Apache-2.0
"""The page of boards is current and keeps its promise of how many there are."""

from __future__ import annotations

from pathlib import Path

from netsuke.targets.board import load_boards
from netsuke.targets.boards_page import boards_page

PAGE = Path(__file__).parents[2] / "docs/BOARDS.md"


def test_page_of_boards_is_current() -> None:
    assert PAGE.read_text() == boards_page(), "run: make docs"


def test_families_of_the_boards() -> None:
    parts = [board.part for board in load_boards() if board.part]
    assert len(parts) >= 16
    assert {part[5:7] for part in parts} >= {"f4", "f7", "h7", "l4", "g4", "u5"}
