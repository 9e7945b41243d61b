# SPDX-License-Identifier: Apache-2.0
"""Pictures: one drawn by hand, and SVG that is well-formed and complete."""

from __future__ import annotations

import itertools
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netsuke.memory_planner import Buffer, Overlap, Problem, Solution, solve
from netsuke.memory_planner.render import picture, svg
from netsuke.memory_planner.text import parse_problem
from tests.memory_planner.families import CORPUS

SVG = "{http://www.w3.org/2000/svg}"
PROBLEM = Problem(
    (Buffer("in <1>", 12, 0, 2), Buffer("out", 8, 1, 3), Buffer("top", 8, 2, 3)),
    (Overlap("out", "in <1>", 8),),
)
SOLUTION = Solution(
    {"in <1>": ("ram", 8), "out": ("ram", 4), "top": ("ram", 12)}, {"ram": 20}, 16, False, ""
)
DRAWN = """\
ram: 20 bytes
       18 |aaaaaaaaaaaacccccc|
       14 |aaaaaaaaaaaacccccc|
       10 |aaaaaa######bbbbbb|
        6 |......bbbbbbbbbbbb|
        2 |..................|
           ^^^^^^^^^^^^^^^^^^
  a            [8, 20)  time [0, 2)  in <1>
  b            [4, 12)  time [1, 3)  out
  c           [12, 20)  time [2, 3)  top
"""


def test_picture_is_as_drawn_by_hand() -> None:
    """Twenty rows for 20 bytes; the drawing has every fourth of them."""
    lines = picture(PROBLEM, SOLUTION).splitlines()
    assert [lines[0], *lines[2:21:4], *lines[21:]] == DRAWN.splitlines()


def test_svg_names_every_buffer_and_marks_what_is_shared() -> None:
    root = ElementTree.fromstring(svg(PROBLEM, SOLUTION))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles == [
        "in <1>: 12 bytes at 8, time [0, 2)",
        "out: 8 bytes at 4, time [1, 3)",
        "top: 8 bytes at 12, time [2, 3)",
    ]
    shared = [r for r in root.iter(f"{SVG}rect") if r.get("fill") == "#d00"]
    assert len(shared) == 1
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "ram: peak 20 bytes" in texts


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*_0.txt")), ids=lambda path: path.stem)
def test_every_kind_of_problem_can_be_drawn(path: Path) -> None:
    problem = parse_problem(path.read_text(encoding="utf-8"))
    solution = solve(problem, 0.1)
    text = picture(problem, solution)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert all(buffer.name in text for buffer in problem.buffers)
    root = ElementTree.fromstring(svg(problem, solution))
    assert_names_are_apart([t for t in root.iter(f"{SVG}text") if t.get("class") == "name"])


def assert_names_are_apart(names: list[ElementTree.Element]) -> None:
    """At 5.7 units a letter and 11 a line, as a sans serif of that size takes."""
    places = [(float(n.get("x", "")), float(n.get("y", "")), len(n.text or "")) for n in names]
    for (x, y, letters), (other_x, other_y, others) in itertools.combinations(places, 2):
        assert abs(y - other_y) >= 11 or abs(x - other_x) >= 5.7 * (letters + others) / 2 - 0.02


def test_nothing_can_be_drawn_too() -> None:
    problem = Problem(())
    assert picture(problem, solve(problem)) == "ram: 0 bytes\n"
    ElementTree.fromstring(svg(problem, solve(problem)))
