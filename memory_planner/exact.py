# SPDX-License-Identifier: Apache-2.0
"""Exact search: is there a placement no higher than a given capacity?

Buffers are placed one after another at rising offsets, each as low as those placed before
allow. Every optimal placement can be pushed down into one that is found this way (M. D. Moffitt,
MiniMalloc, ASPLOS 2023). A branch ends where a section (bounds.py) can no longer hold what is
left of it, where the next buffer would leave a hole that another one fits into, or where the
next buffer meets nothing unplaced and so cannot be the cause. What falls apart in time is
searched part by part.

An output that may start above its input (negative distance) is held to start at or below it
here; then a search that ends without success proves nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush

from netsuke.memory_planner.bounds import Section, alive_sets
from netsuke.memory_planner.greedy import Budget, crowding
from netsuke.memory_planner.relation import Relation

# The search is three calls deep for each buffer; Python's stack holds a thousand.
_MOST_BUFFERS = 300

_NEVER = 1 << 62


class _Answer(Enum):
    FOUND = "found"
    NONE = "none"
    OUT_OF_BUDGET = "out of budget"


@dataclass(frozen=True, slots=True)
class Found:
    """The best offsets known, and the height that is proven to be needed."""

    offsets: tuple[int, ...]
    bound_bytes: int


def improve(
    relation: Relation,
    sections: Sequence[Section],
    offsets: Sequence[int],
    floor_bytes: int,
    budget: Budget,
) -> Found:
    """Searches for placements lower than `offsets`, down to `floor_bytes`, within the budget.

    Tries the lowest height not yet refuted first: it is most often the answer. When the budget
    of one try is used up, another order is tried, then twice the budget, and heights halfway up.
    """
    best = tuple(offsets)
    section_bound = max((section.bound_bytes for section in sections), default=0)
    lowest = max(floor_bytes, section_bound)
    if relation.height(best) <= lowest or len(best) > _MOST_BUFFERS:
        return Found(best, section_bound)
    proven = section_bound
    share = 50 * len(best) ** 2
    ranks, complete = _ranks(relation)
    while budget.steps > 0 and relation.height(best) > lowest:
        for capacity in dict.fromkeys((lowest, (lowest + relation.height(best) - 1) // 2)):
            for rank in ranks:
                if not lowest <= capacity < relation.height(best):
                    break
                search = Search(relation, sections, rank, capacity, Budget(min(share, budget.steps)))
                before = search.budget.steps
                answer = search.run()
                budget.spend(before - max(0, search.budget.steps))
                if answer is _Answer.FOUND:
                    best = tuple(search.offsets)
                    break
                if answer is _Answer.NONE:
                    lowest = max(lowest, search.next_capacity)
                    if complete:
                        proven = min(lowest, relation.height(best))
                    break
        share *= 2
    return Found(best, proven)


def _ranks(relation: Relation) -> tuple[list[list[int]], bool]:
    """Orders in which equal offsets are tried, as ranks; and whether a failed search is a proof.

    An output that may start where its input starts has to be placed before it.
    """
    buffers = relation.buffers
    load = crowding(relation)
    span = [buffer.end - buffer.start for buffer in buffers]
    size = [buffer.size_bytes for buffer in buffers]
    keys: tuple[Callable[[int], tuple[int, ...]], ...] = (
        lambda i: (-span[i], -size[i] * span[i], -load[i]),
        lambda i: (-load[i], -size[i] * span[i], -span[i]),
        lambda i: (-load[i], -span[i], -size[i]),
    )
    found = []
    complete = all(d >= 0 for others in relation.apart for d in others.values())
    for key in keys:
        order = _order(relation, key)
        complete &= len(order) == len(buffers)
        order += sorted(set(range(len(buffers))) - set(order))
        rank = [0] * len(buffers)
        for position, index in enumerate(order):
            rank[index] = position
        found.append(rank)
    return found, complete


def _order(relation: Relation, key: Callable[[int], tuple[int, ...]]) -> list[int]:
    """Indices by key, but outputs before the inputs at whose start they may start.

    Leaves out what hangs on a cycle of such pairs.
    """
    waits = [
        sum(1 for j in others if relation.apart[j][i] <= 0)
        for i, others in enumerate(relation.apart)
    ]
    ready = [(*key(i), i) for i, count in enumerate(waits) if not count]
    heapify(ready)
    order = []
    while ready:
        i = heappop(ready)[-1]
        order.append(i)
        for j, distance in relation.apart[i].items():
            if distance <= 0:
                waits[j] -= 1
                if not waits[j]:
                    heappush(ready, (*key(j), j))
    return order


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

    def run(self) -> _Answer:
        """Searches until an answer is found or the budget is spent."""
        solid = [i for i, size in enumerate(self._size) if size]
        if any(bound > self.capacity for bound in self._need):
            self.next_capacity = max(self._need)
            return _Answer.NONE
        return self._search(_Part(solid, 0, len(self._cuts) - 1), 0, -1)

    def _search(self, part: _Part, offset: int, rank: int) -> _Answer:
        """Places what is left of `part`, nothing before (`offset`, `rank`)."""
        left = [(self._lowest[i], self.rank[i], i) for i in part.members if self._unplaced[i]]
        if not left:
            return _Answer.FOUND
        left.sort()
        hole = min(low + self._size[i] for low, _, i in left)
        members = [i for _, _, i in left]
        for low, turn, i in left:
            if low >= hole:
                break
            if low < offset or (low == offset and turn < rank):
                continue
            if not self.budget.spend(len(left) + len(self._above[i])):
                return _Answer.OUT_OF_BUDGET
            answer, meets_none = self._try(i, low, _Part(members, part.first, part.last))
            if answer is not _Answer.NONE:
                return answer
            if meets_none:
                break
        return _Answer.NONE

    def _try(self, i: int, low: int, part: _Part) -> tuple[_Answer, bool]:
        """The answer with buffer `i` at `low`, and whether it meets nothing unplaced."""
        self.offsets[i] = low
        self._unplaced[i] = False
        raised: list[tuple[int, int]] = []
        floors = [self._floor[s] for s, _ in self._weights[i]]
        for s, weight in self._weights[i]:
            self._floor[s] = max(self._floor[s], low + weight)
            self._need[s] -= weight
        answer = _Answer.NONE
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

    def _descend(self, i: int, low: int, part: _Part) -> _Answer:
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

    def _search_parts(self, part: _Part, ends: Sequence[int]) -> _Answer:
        first = part.first
        for last in ends:
            members = [
                j for j in part.members if first <= self._first[j] and self._last[j] <= last
            ]
            answer = self._search(_Part(members, first, last), 0, -1)
            if answer is not _Answer.FOUND:
                return answer
            first = last + 1
        return _Answer.FOUND
