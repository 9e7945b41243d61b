# SPDX-License-Identifier: Apache-2.0
"""The search for a placement no higher than asked for, against cases that can be drawn on paper."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from netsuke.memory_planner import Buffer, Overlap, Problem, lower_bound
from netsuke.memory_planner.bounds import sections
from netsuke.memory_planner.greedy import Budget
from netsuke.memory_planner.ranking import CRITERIA, Ranking
from netsuke.memory_planner.relation import relate
from netsuke.memory_planner.search import Answer, Search
from netsuke.memory_planner.tables import tables_of
from tests.memory_planner.strategies import brute_force, problems

PLENTY = 10_000_000


def searched(problem: Problem, capacity: int, order: int = 0, steps: int = PLENTY) -> Search:
    relation = relate(problem.buffers, problem.overlaps)
    tables = tables_of(relation, sections(relation))
    return Search(tables, Ranking(relation, CRITERIA[order]), capacity, Budget(steps))


PINWHEEL = Problem(
    (
        Buffer("low", 1, 0, 2, 1),
        Buffer("right", 2, 2, 3, 1),
        Buffer("top", 1, 1, 3, 1),
        Buffer("left", 2, 0, 1, 1),
        Buffer("middle", 1, 1, 2, 1),
    )
)
"""Five buffers that fill 3 bytes at 3 times, and no cut goes through:

    left  top   top
    left  mid   right
    low   low   right
"""


@pytest.mark.parametrize("order", range(len(CRITERIA)))
def test_a_pinwheel_is_filled(order: int) -> None:
    search = searched(PINWHEEL, 3, order)
    assert search.run() is Answer.FOUND
    names = (b.name for b in PINWHEEL.buffers)
    offsets = dict(zip(names, search.offsets, strict=True))
    assert offsets["middle"] == 1
    assert {offsets["low"], offsets["top"]} == {0, 2}
    assert {offsets["left"], offsets["right"]} == {0, 1}


def test_no_section_holds_more_than_the_capacity() -> None:
    search = searched(PINWHEEL, 2)
    assert (search.run(), search.next_capacity) == (Answer.NONE, 3)


def test_a_budget_ends_a_search() -> None:
    assert searched(PINWHEEL, 3, steps=1).run() is Answer.OUT_OF_BUDGET


def test_what_cannot_be_pushed_is_not_put_off() -> None:
    """`late` lies on `pinned` or at 0 below it; at 0 it is in nobody's way, whatever the rest."""
    buffers = (Buffer("pinned", 4, 0, 2, 1, (), 4), Buffer("late", 4, 1, 3, 1))
    search = searched(Problem(buffers), 8)
    assert (search.run(), search.offsets) == (Answer.FOUND, [4, 0])


def test_an_output_may_start_where_its_input_starts() -> None:
    buffers = (Buffer("in", 8, 0, 2, 1), Buffer("out", 8, 1, 3, 1))
    search = searched(Problem(buffers, (Overlap("out", "in", 0),)), 8)
    assert (search.run(), search.offsets) == (Answer.FOUND, [0, 0])


@given(problems(most_buffers=5, most_bytes=7))
@settings(max_examples=80, deadline=None)
def test_the_answer_is_that_of_brute_force(problem: Problem) -> None:
    assume(all(buffer.size_bytes for buffer in problem.buffers))  # others are not searched for
    relation = relate(problem.buffers, problem.overlaps)
    least = brute_force(problem)
    for order, criteria in enumerate(CRITERIA):
        if Ranking(relation, criteria).complete:
            assert searched(problem, least, order).run() is Answer.FOUND
            refuted = searched(problem, least - 1, order)
            assert refuted.run() is Answer.NONE
            assert lower_bound(problem) <= refuted.next_capacity <= least
