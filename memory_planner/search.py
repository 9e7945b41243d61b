# SPDX-License-Identifier: Apache-2.0
"""Depth-first search: is there a placement no higher than a given capacity?

Buffers are placed one after another at rising offsets, each as low as those placed before
allow. Every optimal placement can be pushed down into one that is found this way (M. D. Moffitt,
MiniMalloc, ASPLOS 2023). A branch ends where a section (bounds.py) can no longer hold what is
left of it, where the next buffer would leave a hole that another one fits into, or where the
next buffer meets nothing unplaced and so cannot be the cause. What falls apart in time is
searched part by part.

An output that may start above its input (negative distance) is held to start at or below it
here; then a search that ends without success proves nothing (pairs.py does).
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from netsuke.memory_planner.bounds import Section, alive_sets
from netsuke.memory_planner.greedy import Budget
from netsuke.memory_planner.relation import Relation

_NEVER = 1 << 62
_CALLS_PER_BUFFER = 6  # how deep the search goes for each buffer


class Answer(Enum):
    """How a search ended."""

    FOUND = "found"
    NONE = "none"
    OUT_OF_BUDGET = "out of budget"


@dataclass(frozen=True, slots=True)
class _Part:
    """What can be placed alone: `members` (placed ones are skipped), alive in these steps only."""

    members: list[int]
    first: int
    last: int


class Search:
    """One depth-first search. `offsets` is the placement after the answer FOUND.

    `next_capacity` after NONE: the lowest height that this search has not refuted.
    """

    def __init__(
        self,
        relation: Relation,
        sections: Sequence[Section],
        rank: Sequence[int],
        capacity: int,
        budget: Budget,
    ) -> None:
        self.capacity, self.budget, self.rank = capacity, budget, rank
        self.next_capacity = _NEVER
        buffers = relation.buffers
        count = len(buffers)
        self.offsets = [0] * count
        self._size = [buffer.size_bytes for buffer in buffers]
        self._align = [buffer.alignment for buffer in buffers]
        self._pinned = [buffer.fixed_offset is not None for buffer in buffers]
        self._lowest = [buffer.fixed_offset or 0 for buffer in buffers]
        self._above = [
            [(j, max(0, distance)) for j, distance in others.items()] for others in relation.apart
        ]
        self._unplaced = [True] * count
        self._known: dict[tuple[tuple[int, int], ...], list[int] | None] = {}
        self._index_sections(relation, sections)

    def _index_sections(self, relation: Relation, sections: Sequence[Section]) -> None:
        count = len(relation.buffers)
        self._floor = [0] * len(sections)
        self._need = [section.bound_bytes for section in sections]  # of what is not yet placed
        self._idle = [section.slack_bytes for section in sections]  # the need of nothing at all
        self._weights: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for s, section in enumerate(sections):
            for i, weight in section.members:
                self._weights[i].append((s, weight))
        times = [time for time, _ in alive_sets(relation)]
        steps = [section.step for section in sections]
        self._first_section = [bisect_left(steps, step) for step in range(len(times) + 1)]
        self._first = [bisect_left(times, buffer.start) for buffer in relation.buffers]
        self._last = [bisect_left(times, buffer.end) - 1 for buffer in relation.buffers]
        self._cuts = [0] * len(times)  # buffers unplaced that are alive at this step and the next
        for i in range(count):
            for step in range(self._first[i], self._last[i]):
                self._cuts[step] += 1

    def run(self) -> Answer:
        """Searches until an answer is found or the budget is spent."""
        solid = [i for i, size in enumerate(self._size) if size]
        if any(bound > self.capacity for bound in self._need):
            self.next_capacity = max(self._need)
            return Answer.NONE
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _CALLS_PER_BUFFER * len(solid))
        try:
            return self._search(_Part(solid, 0, len(self._cuts) - 1), 0, -1)
        finally:
            sys.setrecursionlimit(limit)

    def _search(self, part: _Part, offset: int, rank: int) -> Answer:
        """Places what is left of `part`, nothing before (`offset`, `rank`)."""
        left = [(self._lowest[i], self.rank[i], i) for i in part.members if self._unplaced[i]]
        if not left:
            return Answer.FOUND
        left.sort()
        hole = min(low + self._size[i] for low, _, i in left)
        members = [i for _, _, i in left]
        for low, turn, i in left:
            if low >= hole:
                break
            if low < offset or (low == offset and turn < rank):
                continue
            if not self.budget.spend(len(left) + len(self._above[i])):
                return Answer.OUT_OF_BUDGET
            answer, meets_none = self._try(i, low, _Part(members, part.first, part.last))
            if answer is not Answer.NONE:
                return answer
            if meets_none:
                break
        return Answer.NONE

    def _try(self, i: int, low: int, part: _Part) -> tuple[Answer, bool]:
        """The answer with buffer `i` at `low`, and whether it meets nothing unplaced."""
        self.offsets[i] = low
        self._unplaced[i] = False
        raised: list[tuple[int, int]] = []
        floors = [self._floor[s] for s, _ in self._weights[i]]
        for s, weight in self._weights[i]:
            self._floor[s] = max(self._floor[s], low + weight)
            self._need[s] -= weight
        answer = Answer.NONE
        meets_none, fits = self._raise(i, low, raised)
        if fits and self._holds(part, low):
            answer = self._descend(i, low, part)
        for (s, weight), floor in zip(self._weights[i], floors, strict=True):
            self._floor[s] = floor
            self._need[s] += weight
        for j, lowest in raised:
            self._lowest[j] = lowest
        self._unplaced[i] = True
        return answer, meets_none

    def _raise(self, i: int, low: int, raised: list[tuple[int, int]]) -> tuple[bool, bool]:
        """Lifts what must lie above `i`: whether that is nothing, and whether all still fits."""
        if low + self._size[i] > self.capacity:
            self._refute(low + self._size[i])
            return not any(self._unplaced[j] for j, _ in self._above[i]), False
        meets_none = True
        for j, distance in self._above[i]:
            if not self._unplaced[j]:
                continue
            meets_none = False
            step = self._align[j]
            lowest = -(-(low + distance) // step) * step
            if lowest > self._lowest[j]:
                raised.append((j, self._lowest[j]))
                self._lowest[j] = lowest
                if self._pinned[j]:
                    return False, False
                if lowest + self._size[j] > self.capacity:
                    self._refute(lowest + self._size[j])
                    return False, False
        return meets_none, True

    def _holds(self, part: _Part, low: int) -> bool:
        """Whether every section can take what is left of it, at or above `low`."""
        start, stop = self._first_section[part.first], self._first_section[part.last + 1]
        for s in range(start, stop):
            need = self._need[s]
            if need > self._idle[s]:
                floor = self._floor[s]
                height = need + (floor if floor > low else low)
                if height > self.capacity:
                    self._refute(height)
                    return False
        return True

    def _refute(self, height: int) -> None:
        self.next_capacity = min(self.next_capacity, height)

    def _descend(self, i: int, low: int, part: _Part) -> Answer:
        """Goes on without `i`, in parts when it was all that held them together in time."""
        cuts = self._cuts
        ends = []
        for step in range(self._first[i], self._last[i]):
            cuts[step] -= 1
            if not cuts[step]:
                ends.append(step)
        if ends:
            answer = self._search_parts(part, [*ends, part.last])
        else:
            answer = self._search(part, low, self.rank[i])
        for step in range(self._first[i], self._last[i]):
            cuts[step] += 1
        return answer

    def _search_parts(self, part: _Part, ends: Sequence[int]) -> Answer:
        first = part.first
        for last in ends:
            members = [j for j in part.members if first <= self._first[j] and self._last[j] <= last]
            answer = self._search_alone(_Part(members, first, last))
            if answer is not Answer.FOUND:
                return answer
            first = last + 1
        return Answer.FOUND

    def _search_alone(self, part: _Part) -> Answer:
        """The answer for a part that only its lowest offsets still tie to what is placed.

        The same part comes back with the same lowest offsets many times: the answer is kept.
        """
        if not part.members:
            return Answer.FOUND
        key = tuple((i, self._lowest[i]) for i in sorted(part.members))
        if key in self._known:
            known = self._known[key]
            if known is None:
                return Answer.NONE
            for (i, _), offset in zip(key, known, strict=True):
                self.offsets[i] = offset
            return Answer.FOUND
        answer = self._search(part, 0, -1)
        if answer is Answer.FOUND:
            self._known[key] = [self.offsets[i] for i, _ in key]
        elif answer is Answer.NONE:
            self._known[key] = None
        return answer
