# SPDX-License-Identifier: Apache-2.0
"""Depth-first search: is there a placement no higher than a given capacity?

Buffers are placed one after another at rising offsets, each as low as those placed before
allow. Every optimal placement can be pushed down into one that is found this way (M. D. Moffitt,
MiniMalloc, ASPLOS 2023). A branch ends where a section (bounds.py) can no longer hold what is
left of it above the lowest offset left to it, where the next buffer would leave a hole that
another one fits into, or where a buffer whose turn is over could be put off only by buffers that
come too late. What falls apart in time is searched part by part.

An output that may start above its input (negative distance) is held to start at or below it
here; then a search that ends without success proves nothing (pairs.py does).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from netsuke.memory_planner.greedy import Budget
from netsuke.memory_planner.ranking import Ranking
from netsuke.memory_planner.tables import NEVER, Array, Tables

_CALLS_PER_BUFFER = 5  # how deep the search goes for each buffer


class Answer(Enum):
    """How a search ended."""

    FOUND = "found"
    NONE = "none"
    OUT_OF_BUDGET = "out of budget"


@dataclass(frozen=True, slots=True)
class _State:
    """Buffers alive in steps `first` to `last` only, some of them placed.

    `low`: the lowest offset of each, NEVER for those placed and those of other parts.
    `need`: what each section demands of those not placed. `rank`: whose turn it is first.
    """

    first: int
    last: int
    low: Array
    need: Array
    rank: Array


class Search:
    """One depth-first search. `offsets` is the placement after the answer FOUND.

    `next_capacity` after NONE: the lowest height that this search has not refuted.
    """

    def __init__(self, tables: Tables, ranking: Ranking, capacity: int, budget: Budget) -> None:
        self.tables, self.ranking = tables, ranking
        self.capacity, self.budget = capacity, budget
        self.next_capacity = NEVER
        self.offsets = [0] * len(tables.size)
        self._cuts = tables.cuts.copy()
        self._known: dict[bytes, tuple[int, ...] | None] = {}

    def run(self) -> Answer:
        """Searches until an answer is found or the budget is spent."""
        tables = self.tables
        start = self._start(0, len(tables.cuts) - 1, tables.lowest, tables.need)
        tops = np.where(start.low < NEVER, start.low + tables.size, 0)
        most = max(int(tops.max(initial=0)), int(start.need.max(initial=0)))
        if most > self.capacity:
            self._refute(most)
            return Answer.NONE
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _CALLS_PER_BUFFER * len(self.offsets))
        try:
            return self._search(start, 0, -1)
        finally:
            sys.setrecursionlimit(limit)

    def _start(self, first: int, last: int, low: Array, need: Array) -> _State:
        """The state of a part whose buffers are ranked by what is left of it alone."""
        members = np.flatnonzero(low < NEVER)
        load = self.tables.load(members, need, self.tables.part(first, last))
        return _State(first, last, low, need, self.ranking.rank(members, load))

    def _search(self, state: _State, offset: int, turn: int) -> Answer:
        """Places what is left, nothing before (`offset`, `turn`)."""
        low, rank, size = state.low, state.rank, self.tables.size
        hole = int((low + size).min(initial=NEVER))
        if hole >= NEVER:
            return Answer.FOUND
        next_ = (low < hole) & ((low > offset) | ((low == offset) & (rank > turn)))
        members = np.flatnonzero(next_)
        members = members[np.lexsort((rank[members], low[members]))]
        highest = self._highest_floor(state)
        for i, at in zip(members.tolist(), low[members].tolist(), strict=True):
            if at > highest:
                self._refute(self.capacity + at - highest)
                break
            if not self.budget.spend(self.tables.price):
                return Answer.OUT_OF_BUDGET
            answer = self._try(state, i, at)
            if answer is not Answer.NONE:
                return answer
            if not self._can_wait(low, i, at):
                break
        return Answer.NONE

    def _highest_floor(self, state: _State) -> int:
        """The offset above which not all that is left of a section finds room."""
        part = self.tables.part(state.first, state.last)
        need = state.need[part]
        most = need[need > self.tables.idle[part]].max(initial=0)
        return self.capacity - int(most)

    def _can_wait(self, low: Array, i: int, at: int) -> bool:
        """Whether anything left can push buffer `i` up before the hole at `at` is its size."""
        if self.tables.pinned[i]:
            return False
        late = int(at + self.tables.size[i])
        return bool((self.tables.meets[i] & (low < late)).any())

    def _try(self, state: _State, i: int, at: int) -> Answer:
        """The answer with buffer `i` at `at`."""
        low = self._raised(state.low, i, at)
        if low is None:
            return Answer.NONE
        passed = (state.low < at) | ((state.low == at) & (state.rank < state.rank[i]))
        passed &= low == state.low
        floor = np.maximum(low, at)
        steps = self.tables.near[i]
        late = np.flatnonzero(passed)
        if late.size:
            if not self._put_off(low, floor, late):
                return Answer.NONE
            steps = (0, len(self._cuts) - 1)
        need = state.need - self.tables.weights[i]
        first, last = max(steps[0], state.first), min(steps[1], state.last)
        if not self._holds(need, floor, self.tables.part(first, last)):
            return Answer.NONE
        self.offsets[i] = at
        return self._descend(_State(state.first, state.last, low, need, state.rank), i, at)

    def _raised(self, low: Array, i: int, at: int) -> Array | None:
        """The lowest offsets with buffer `i` at `at`; None where one does not fit any more."""
        tables = self.tables
        raised = np.maximum(low, tables.aligned(at + tables.push[i]))
        if (raised[tables.pins] > low[tables.pins]).any():
            return None
        raised[i] = NEVER
        top = int(np.where(raised < NEVER, raised + tables.size, 0).max())
        if top > self.capacity:
            self._refute(top)
            return None
        return raised

    def _put_off(self, low: Array, floor: Array, late: Array) -> bool:
        """Raises the floor of buffers whose turn is over to where others can push them.

        False where one of them cannot be pushed, or not without passing the capacity.
        """
        tables = self.tables
        if tables.pinned[late].any():
            return False
        size = tables.size[late]
        in_time = tables.meets[late] & (floor < (low[late] + size)[:, None])
        pushed = np.where(in_time, tables.pushed[late] + floor, NEVER).min(axis=1)
        pushed = tables.aligned(np.maximum(pushed, low[late] + 1), late)
        floor[late] = pushed
        top = int((pushed + size).max())
        if top > self.capacity:
            if top < NEVER:
                self._refute(top)
            return False
        return True

    def _holds(self, need: Array, floor: Array, part: slice) -> bool:
        """Whether sections can take what is left of them above the floor of its lowest."""
        tables = self.tables
        floors = (tables.outside[part] + floor).min(axis=1)
        need = need[part]
        top = int(np.where(need > tables.idle[part], floors + need, 0).max(initial=0))
        if top > self.capacity:
            self._refute(top)
            return False
        return True

    def _refute(self, height: int) -> None:
        self.next_capacity = min(self.next_capacity, height)

    def _descend(self, state: _State, i: int, at: int) -> Answer:
        """Goes on without `i`, in parts when it was all that held them together in time."""
        cuts, steps = self._cuts, slice(self.tables.first[i], self.tables.last[i])
        cuts[steps] -= 1
        ends = np.flatnonzero(cuts[steps] == 0)
        if ends.size:
            answer = self._search_parts(state, [*(ends + steps.start).tolist(), state.last])
        else:
            answer = self._search(state, at, int(state.rank[i]))
        cuts[steps] += 1
        return answer

    def _search_parts(self, state: _State, ends: Sequence[int]) -> Answer:
        first = state.first
        for last in ends:
            inside = (first <= self.tables.first) & (self.tables.last <= last)
            low = np.where(inside, state.low, NEVER)
            answer = self._search_alone(first, last, low, state.need)
            if answer is not Answer.FOUND:
                return answer
            first = last + 1
        return Answer.FOUND

    def _search_alone(self, first: int, last: int, low: Array, need: Array) -> Answer:
        """The answer for a part that only its lowest offsets still tie to what is placed.

        The same part comes back with the same lowest offsets many times: the answer is kept.
        """
        members = np.flatnonzero(low < NEVER)
        key = members.tobytes() + low[members].tobytes()
        if key in self._known:
            known = self._known[key]
            if known is None:
                return Answer.NONE
            for i, offset in zip(members.tolist(), known, strict=True):
                self.offsets[i] = offset
            return Answer.FOUND
        answer = self._search(self._start(first, last, low, need), 0, -1)
        if answer is Answer.FOUND:
            self._known[key] = tuple(self.offsets[i] for i in members.tolist())
        elif answer is Answer.NONE:
            self._known[key] = None
        return answer
