# SPDX-License-Identifier: Apache-2.0
"""Orders: more goes first, but an output before the input at whose start it may start."""

from __future__ import annotations

import numpy as np

from netsuke.memory_planner import Buffer, Overlap
from netsuke.memory_planner.ranking import Ranking
from netsuke.memory_planner.relation import relate

BUFFERS = (Buffer("a", 30, 0, 2), Buffer("b", 10, 0, 9), Buffer("c", 20, 1, 3))
ALL, LOAD = np.arange(3), np.array([5, 5, 7])


def test_what_decides_first_decides() -> None:
    relation = relate(BUFFERS, ())
    assert Ranking(relation, ("size", "span")).rank(ALL, LOAD).tolist() == [0, 2, 1]
    assert Ranking(relation, ("span", "size")).rank(ALL, LOAD).tolist() == [1, 0, 2]
    assert Ranking(relation, ("area", "size")).rank(ALL, LOAD).tolist() == [1, 0, 2]
    assert Ranking(relation, ("load", "size")).rank(ALL, LOAD).tolist() == [1, 2, 0]


def test_the_first_of_equals_goes_first() -> None:
    relation = relate((BUFFERS[0], Buffer("same", 30, 0, 2)), ())
    ranking = Ranking(relation, ("span", "area", "load"))
    assert ranking.rank(np.arange(2), np.array([1, 1])).tolist() == [0, 1]


def test_outputs_come_before_inputs_that_they_may_cover() -> None:
    """c would be the last but one; it may start where a starts, so it comes before a."""
    ranking = Ranking(relate(BUFFERS, (Overlap("c", "a", 0),)), ("size", "span"))
    assert ranking.complete
    assert ranking.rank(ALL, LOAD).tolist() == [1, 2, 0]
    assert ranking.rank(np.array([0, 1]), LOAD[:2]).tolist()[:2] == [0, 1]


def test_outputs_that_wait_for_each_other_leave_a_search_incomplete() -> None:
    circle = (Overlap("a", "b", 0), Overlap("b", "c", 0), Overlap("c", "a", 0))
    ranking = Ranking(relate(BUFFERS, circle), ("size", "span"))
    assert not ranking.complete
    assert sorted(ranking.rank(ALL, LOAD).tolist()) == [0, 1, 2]
    assert not Ranking(relate(BUFFERS, (Overlap("a", "b", -4),)), ("size",)).complete
