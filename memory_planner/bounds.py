# SPDX-License-Identifier: Apache-2.0
"""Heights below which no solution exists.

A `Section` is a set of buffers alive at one time, each with a weight. Weights are chosen so that
d(i, j) >= weight(i) for every two members. Sorted by offset, each member then lies at least the
weight of its predecessor above it, whatever the order, so the height is at least the sum of the
weights (the last member counting with its size). Without overlaps a weight is the size and this
is the number of bytes alive. For an output over its input at distance D there are two sections:

    both count:           weight(output) = D, weight(input) = its size
    the output alone:     weight(output) = its size
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import gcd

from netsuke.memory_planner.problem import Problem
from netsuke.memory_planner.relation import Relation, relate

# Of the sections at one time only the heaviest can decide; the others cost time in the search.
_SECTIONS_PER_TIME = 4
# With more buffers than this under an overlap at one time, not all subsets are tried.
_ALL_SUBSETS = 4


@dataclass(frozen=True, slots=True)
class Section:
    """`members` are (index, weight > 0) alive at `time`; `step` counts such times from 0.

    The height of any solution is at least `bound_bytes` = the weights + `slack_bytes`. Slack is
    what the topmost member adds to its weight: negative where its last granule is not full.
    """

    time: int
    step: int
    members: tuple[tuple[int, int], ...]
    slack_bytes: int

    @property
    def bound_bytes(self) -> int:
        """The height this section demands."""
        return sum(weight for _, weight in self.members) + self.slack_bytes


def lower_bound(problem: Problem) -> int:
    """A number of bytes that the heights of all memories together cannot fall below."""
    relation = relate(problem.buffers, problem.overlaps)
    # Memories stacked on each other make one memory, but for the alignment between them.
    granule = 1 if len(problem.memories) > 1 else None
    bounds = [section.bound_bytes for section in sections(relation, granule)]
    fixed = [
        buffer.fixed_offset + buffer.size_bytes
        for buffer in problem.buffers
        if buffer.fixed_offset is not None
    ]
    return max([0, *bounds, *fixed])


def sections(relation: Relation, granule: int | None = None) -> list[Section]:
    """The heaviest sections at every time at which a maximal set of buffers is alive.

    Distances are rounded up to `granule` bytes (default: what all alignments have in common).
    """
    if granule is None:
        granule = gcd(*(buffer.alignment for buffer in relation.buffers)) or 1
    found = []
    for step, (time, alive) in enumerate(alive_sets(relation)):
        weighed = {
            _weigh(relation, chosen, granule) for chosen in _choices(relation, alive, granule)
        }
        here = [Section(time, step, members, slack) for members, slack in weighed if members]
        here.sort(key=lambda section: (-section.bound_bytes, section.members))
        found += here[:_SECTIONS_PER_TIME]
    return found


def alive_sets(relation: Relation) -> list[tuple[int, tuple[int, ...]]]:
    """(time, indices alive) in the order of time, only sets that are part of no neighbour."""
    solid = [i for i, buffer in enumerate(relation.buffers) if buffer.size_bytes]
    ends = sorted({relation.buffers[i].end for i in solid})
    found: list[tuple[int, tuple[int, ...]]] = []
    for end in ends:  # just before a buffer dies, a set cannot grow any more
        alive = tuple(
            i for i in solid if relation.buffers[i].start < end <= relation.buffers[i].end
        )
        latest = max(relation.buffers[i].start for i in alive)
        if not found or found[-1][0] < latest:
            found.append((latest, alive))
    return found


def _choices(relation: Relation, alive: Sequence[int], granule: int) -> Iterable[Sequence[int]]:
    """All that are alive, and what is left without some of those that others may overlap.

    Without every subset of them when they are few, else dropping one after another while that
    helps.
    """
    here = set(alive)
    crowded = [j for j in alive if any(_overlaps(relation, i, j) for i in here if i != j)]
    if len(crowded) <= _ALL_SUBSETS:
        for count in range(len(crowded) + 1):
            for dropped in combinations(crowded, count):
                yield tuple(i for i in alive if i not in dropped)
        return

    def weight(chosen: Sequence[int]) -> int:
        return sum(w for _, w in _weigh(relation, chosen, granule)[0])

    best, chosen = -1, list(alive)
    while weight(chosen) > best:
        best = weight(chosen)
        yield chosen
        smaller = [[i for i in chosen if i != j] for j in chosen if j in crowded]
        chosen = max(smaller, key=weight, default=chosen)


def _overlaps(relation: Relation, i: int, j: int) -> bool:
    """Whether i, below j, may reach into it."""
    return relation.apart[i].get(j, 0) < _size(relation, i)


def _weigh(
    relation: Relation, chosen: Sequence[int], granule: int
) -> tuple[tuple[tuple[int, int], ...], int]:
    """Members with their weights, and the slack. Members of weight 0 are left out."""
    members = []
    slack = []
    for i in chosen:
        nearest = min(
            (relation.apart[i].get(j, 0) for j in chosen if j != i), default=_size(relation, i)
        )
        weight = -(-max(0, min(nearest, _size(relation, i))) // granule) * granule
        if weight:
            members.append((i, weight))
            slack.append(_size(relation, i) - weight)
    return tuple(members), min(slack, default=0)


def _size(relation: Relation, index: int) -> int:
    return relation.buffers[index].size_bytes
