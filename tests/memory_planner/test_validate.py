# SPDX-License-Identifier: Apache-2.0
"""The validator finds each kind of fault, and nothing in a right solution."""

from __future__ import annotations

import pytest

from netsuke.memory_planner import Buffer, Memory, Overlap, Problem, Solution, validate

#   24 |      bbbb      |
#   16 |           cccc | c lies 4 bytes below the end of b: legal by the overlap
#    8 | aaaa           |
#    0 |                |
PROBLEM = Problem(
    buffers=(
        Buffer("a", 16, 0, 2, 8),
        Buffer("b", 8, 1, 3, 8),
        Buffer("c", 12, 2, 4, 4, ("ram",)),
        Buffer("d", 4, 0, 1, 4, ("fast",), 4),
    ),
    overlaps=(Overlap("c", "b", 8),),
    memories=(Memory("ram", 32), Memory("fast", 8, 1)),
)
OFFSETS = {"a": ("ram", 0), "b": ("ram", 16), "c": ("ram", 8), "d": ("fast", 4)}
HEIGHTS = {"ram": 24, "fast": 8}


def solution(
    lower_bound: int = 20, optimal: bool = False, proof: str = "", **moved: tuple[str, int]
) -> Solution:
    offsets = {**OFFSETS, **moved}
    sizes = {buffer.name: buffer.size_bytes for buffer in PROBLEM.buffers}
    heights = dict.fromkeys(HEIGHTS, 0)
    for name, (memory, offset) in offsets.items():
        heights[memory] = max(heights[memory], offset + sizes.get(name, 0))
    return Solution(offsets, heights, lower_bound, optimal, proof)


def test_a_right_solution_has_no_violations() -> None:
    assert validate(PROBLEM, solution()) == []


@pytest.mark.parametrize(
    ("wrong", "violation"),
    [
        (solution(e=("ram", 0)), "e: is no buffer"),
        (solution(a=("ram", 8)), "a [8, 24) and b [16, 24) share ram at time 1"),
        (solution(b=("ram", 12)), "b: offset 12 is no multiple of 8"),
        (solution(b=("ram", 8)), "a [0, 16) and b [8, 16) share ram at time 1"),
        (solution(c=("ram", 12)), "b [16, 24) and c [12, 24) share ram at time 2"),
        (solution(c=("ram", 20)), "b [16, 24) and c [20, 32) share ram at time 2"),
        (solution(c=("ram", 24)), "c: ends at 36, ram at 32"),
        (solution(c=("fast", 0)), "c: lies in fast, which it may not"),
        (solution(a=("ram", -8)), "a: offset -8 is negative"),
        (solution(d=("fast", 0)), "d: offset 0, want 4"),
        (solution(lower_bound=33), "heights {'ram': 24, 'fast': 8} are below the bound 33"),
        (solution(optimal=True), "optimal is True with the proof ''"),
        (solution(proof="lower bound"), "optimal is False with the proof 'lower bound'"),
        (
            Solution(OFFSETS, {"ram": 28, "fast": 8}, 0, False, ""),
            "heights {'ram': 28, 'fast': 8}, want {'ram': 24, 'fast': 8}",
        ),
        (Solution({"a": ("ram", 0)}, HEIGHTS, 0, False, ""), "b: has no place"),
    ],
)
def test_each_fault_is_named(wrong: Solution, violation: str) -> None:
    assert violation in validate(PROBLEM, wrong)


@pytest.mark.parametrize(("distance", "lowest", "highest"), [(-4, 0, 20), (0, 0, 16), (8, 0, 8)])
def test_distance_is_signed(distance: int, lowest: int, highest: int) -> None:
    """Output (16 bytes) over an input at [16, 32): every legal offset that shares bytes."""
    problem = Problem(
        (Buffer("in", 16, 0, 2, 1, (), 16), Buffer("out", 16, 1, 3, 1)),
        (Overlap("out", "in", distance),),
    )
    legal = [
        at
        for at in range(32)
        if not validate(
            problem,
            Solution(
                {"in": ("ram", 16), "out": ("ram", at)}, {"ram": max(32, at + 16)}, 0, False, ""
            ),
        )
    ]
    assert legal == list(range(lowest, highest + 1))
