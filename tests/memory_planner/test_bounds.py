# SPDX-License-Identifier: Apache-2.0
"""Bounds worked out by hand; soundness is tested against brute force in test_solve."""

from __future__ import annotations

import pytest

from netsuke.memory_planner import Buffer, Overlap, Problem, lower_bound


def two(distance: int | None, size_out: int = 24, size_in: int = 16) -> Problem:
    buffers = (Buffer("in", size_in, 0, 2, 1), Buffer("out", size_out, 1, 3, 1))
    overlaps = () if distance is None else (Overlap("out", "in", distance),)
    return Problem(buffers, overlaps)


@pytest.mark.parametrize(
    ("problem", "bound"),
    [
        (two(None), 40),
        (two(10), 26),  # out at 0, in at 10: both needed
        (two(3), 24),  # the output alone is longer than distance and input
        (two(0), 24),
        (two(-5), 24),
        (two(30), 40),  # a distance beyond the output's size forbids nothing that size allows
        (two(0, size_out=4), 16),
    ],
)
def test_an_overlapping_pair_counts_what_its_union_needs(problem: Problem, bound: int) -> None:
    assert lower_bound(problem) == bound


def test_a_chain_of_pairs_is_not_counted_twice() -> None:
    """c over b over a, all alive at once, each in place: one storage is enough for all."""
    buffers = tuple(Buffer(name, 8, 0, 1) for name in "abc")
    overlaps = (Overlap("b", "a", 0), Overlap("c", "b", 0), Overlap("c", "a", 0))
    assert lower_bound(Problem(buffers, overlaps)) == 8
    assert lower_bound(Problem(buffers, overlaps[:2])) == 16  # a and c still lie apart


def test_alignment_rounds_all_but_the_topmost_buffer() -> None:
    buffers = (Buffer("a", 5, 0, 1, 8), Buffer("b", 6, 0, 1, 8), Buffer("c", 7, 0, 1, 8))
    assert lower_bound(Problem(buffers)) == 8 + 8 + 5


def test_no_buffers_need_nothing() -> None:
    assert lower_bound(Problem(())) == 0


def test_a_fixed_offset_is_a_bound() -> None:
    assert lower_bound(Problem((Buffer("a", 4, 0, 1, 4, (), 40),))) == 44
