# SPDX-License-Identifier: Apache-2.0
"""Text round-trips exactly, and its faults are named by line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.memory_planner import Buffer, Memory, Overlap, Problem, ProblemError, Solution, solve
from netsuke.memory_planner.text import (
    format_problem,
    format_solution,
    parse_problem,
    parse_solution,
)
from tests.memory_planner.strategies import problems

TEXT = """\
memory ram size=65536 cost=0
memory sdram cost=9
buffer "conv 1/out;\\"x\\"" size=9216 live=3..5 align=4
buffer state size=64 live=0..9 align=8 memories=ram at=16
overlap "conv 1/out;\\"x\\"" over state distance=-16
"""
PROBLEM = Problem(
    (
        Buffer('conv 1/out;"x"', 9216, 3, 5),
        Buffer("state", 64, 0, 9, 8, ("ram",), 16),
    ),
    (Overlap('conv 1/out;"x"', "state", -16),),
    (Memory("ram", 65536), Memory("sdram", None, 9)),
)


def test_the_format_is_what_it_is() -> None:
    assert format_problem(PROBLEM) == TEXT
    assert parse_problem(f"# a comment\n\n{TEXT}") == PROBLEM


@given(problems(most_buffers=8, most_bytes=99))
@settings(max_examples=100, deadline=None)
def test_round_trip(problem: Problem) -> None:
    assert parse_problem(format_problem(problem)) == problem
    solution = solve(problem, 0.01)
    assert parse_solution(format_solution(solution)) == solution


@given(st.text(min_size=1))
def test_every_name_survives(name: str) -> None:
    problem = Problem((Buffer(name, 1, 0, 1),))
    assert parse_problem(format_problem(problem)) == problem
    solution = Solution({name: ("ram", 0)}, {"ram": 1}, 0, False, "")
    assert parse_solution(format_solution(solution)) == solution


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("memory ram cost=0\nbuffer a size=1 align=4", "line 2: want live="),
        ("buffer a size=1 live=0..x align=4", "line 1: invalid literal for int()"),
        ("buffer a size=1 live=5..5 align=4", "line 1: buffer 'a': got lifetime [5, 5)"),
        ("something else", "line 1: got 'something', want memory, buffer or overlap"),
        ("memory ram cost=0\noverlap a over b distance=0", "got buffer 'a', which is not"),
    ],
)
def test_faults_are_named_by_line(text: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_problem(text)
    assert message in str(caught.value)


def test_faults_of_solutions_are_named_by_line() -> None:
    with pytest.raises(ProblemError, match="line 2: got 'put', want bound, height or place"):
        parse_solution("height ram bytes=4\nput a")
