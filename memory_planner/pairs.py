# SPDX-License-Identifier: Apache-2.0
"""Search over which of two buffers yields to the other, for distances of both signs.

Each pair demands one of two differences (relation.py). Every offset has a lowest and a highest
value; a demand that these refute makes the other one certain. A branch decides one more pair.
Slower than search.py on large problems, but a negative distance is a demand like any other here.
"""

from __future__ import annotations

from dataclasses import dataclass

from netsuke.memory_planner.greedy import Budget
from netsuke.memory_planner.relation import Relation
from netsuke.memory_planner.search import Answer

# offset[b] - offset[a] >= distance
Demand = tuple[int, int, int]


@dataclass(slots=True)
class _Branch:
    """The offsets left, the demands that are certain, and the pairs of which one must hold."""

    low: list[int]
    high: list[int]
    certain: list[Demand]
    open: list[tuple[Demand, Demand]]


def search_pairs(relation: Relation, capacity: int, budget: Budget) -> tuple[Answer, list[int]]:
    """Offsets of a placement no higher than `capacity`, if there is one (else no meaning)."""
    branches = [_root(relation, capacity)]
    while branches:
        branch = branches.pop()
        if not _tighten(relation, branch, budget):
            continue
        if budget.steps < 0:
            return Answer.OUT_OF_BUDGET, branch.low
        broken = [
            (first, second)
            for first, second in branch.open
            if _room(branch.low, branch.low, first) < 0
            and _room(branch.low, branch.low, second) < 0
        ]
        if not broken:
            return Answer.FOUND, branch.low
        branches += _decide(branch, broken)
    return Answer.NONE, []


def _root(relation: Relation, capacity: int) -> _Branch:
    low, high = [], []
    for buffer in relation.buffers:
        fixed = buffer.fixed_offset
        low.append(0 if fixed is None else fixed)
        top = capacity - buffer.size_bytes
        high.append(
            top // buffer.alignment * buffer.alignment if fixed is None else min(fixed, top)
        )
    pairs = [
        ((i, j, distance), (j, i, relation.apart[j][i]))
        for i, others in enumerate(relation.apart)
        for j, distance in others.items()
        if i < j
    ]
    return _Branch(low, high, [], pairs)


def _tighten(relation: Relation, branch: _Branch, budget: Budget) -> bool:
    """Draws all conclusions; False when no offset is left for some buffer."""
    low, high = branch.low, branch.high
    if any(lowest > highest for lowest, highest in zip(low, high, strict=True)):
        return False
    moved = True
    while moved and budget.spend(len(branch.certain) + len(branch.open)):
        moved = False
        for a, b, distance in branch.certain:
            least = relation.align(b, low[a] + distance)
            most = high[b] - distance
            most -= most % relation.buffers[a].alignment
            if least > low[b] or most < high[a]:
                moved = True
                low[b], high[a] = max(low[b], least), min(high[a], most)
                if low[b] > high[b] or low[a] > high[a]:
                    return False
        still_open = []
        for first, second in branch.open:
            one, other = _room(low, high, first) >= 0, _room(low, high, second) >= 0
            if one and other:
                still_open.append((first, second))
            elif one or other:
                branch.certain.append(first if one else second)
                moved = True
            else:
                return False
        branch.open = still_open
    return True


def _room(low: list[int], high: list[int], demand: Demand) -> int:
    """What is to spare of a demand with `a` as low and `b` as high as can be."""
    a, b, distance = demand
    return high[b] - low[a] - distance


def _decide(branch: _Branch, broken: list[tuple[Demand, Demand]]) -> list[_Branch]:
    """Both ways to mend the pair with the least room; the roomier way last, to be tried next."""

    def rooms(pair: tuple[Demand, Demand]) -> list[int]:
        return sorted(_room(branch.low, branch.high, demand) for demand in pair)

    pair = min(broken, key=rooms)
    rest = [other for other in branch.open if other != pair]
    tighter_first = sorted(pair, key=lambda demand: _room(branch.low, branch.high, demand))
    return [
        _Branch(list(branch.low), list(branch.high), [*branch.certain, demand], rest)
        for demand in tighter_first
    ]
