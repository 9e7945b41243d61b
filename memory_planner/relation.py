# SPDX-License-Identifier: Apache-2.0
"""What bounds, greedy and exact search share: the buffers of one memory as numbers.

Everything a pair of buffers demands is two distances. With `apart[i][j]` = d(i, j), offsets are
legal if and only if for every pair

    offset[j] - offset[i] >= d(i, j)   or   offset[i] - offset[j] >= d(j, i)

Usually d(i, j) is the size of i. For an overlap it is smaller when i is the output and j the
input: the distance of the overlap. Pairs that are never alive together are absent.

    output over input, distance D:   | output ........... |
                                     |<-- D -->| input ............. |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.memory_planner.problem import Buffer, Overlap


@dataclass(frozen=True, slots=True)
class Relation:
    """Buffers by index, and the distances that the address of one must keep from another."""

    buffers: tuple[Buffer, ...]
    apart: tuple[dict[int, int], ...]

    def align(self, index: int, offset: int) -> int:
        """The lowest multiple of the buffer's alignment at or above `offset`."""
        step = self.buffers[index].alignment
        return -(-offset // step) * step

    def height(self, offsets: Sequence[int]) -> int:
        """The end of the topmost buffer."""
        ends = (at + buffer.size_bytes for at, buffer in zip(offsets, self.buffers, strict=True))
        return max(ends, default=0)


def relate(buffers: Sequence[Buffer], overlaps: Sequence[Overlap]) -> Relation:
    """The distances between all pairs of `buffers` that are alive at the same time.

    Overlaps that name other buffers are ignored. Empty buffers keep no distance.
    """
    distances = _distances(buffers, overlaps)
    apart: tuple[dict[int, int], ...] = tuple({} for _ in buffers)
    solid = [index for index, buffer in enumerate(buffers) if buffer.size_bytes]
    alive: list[int] = []
    for j in sorted(solid, key=lambda index: buffers[index].start):
        alive = [i for i in alive if buffers[i].end > buffers[j].start]
        for i in alive:
            above = distances.get((i, j), buffers[i].size_bytes)
            below = distances.get((j, i), buffers[j].size_bytes)
            if above + below > 1:  # else every offset is legal
                apart[i][j], apart[j][i] = above, below
        alive.append(j)
    return Relation(tuple(buffers), tuple(dict(sorted(others.items())) for others in apart))


def _distances(
    buffers: Sequence[Buffer], overlaps: Sequence[Overlap]
) -> dict[tuple[int, int], int]:
    index = {buffer.name: i for i, buffer in enumerate(buffers)}
    distances: dict[tuple[int, int], int] = {}
    for overlap in overlaps:
        if overlap.output in index and overlap.input in index:
            pair = index[overlap.output], index[overlap.input]
            before = distances.get(pair, buffers[pair[0]].size_bytes)
            distances[pair] = min(before, overlap.distance)
    return distances


def restrict(relation: Relation, indices: Sequence[int]) -> Relation:
    """The relation of some of the buffers, numbered anew in the order of `indices`."""
    place = {index: position for position, index in enumerate(indices)}
    apart = tuple(
        {place[other]: d for other, d in relation.apart[index].items() if other in place}
        for index in indices
    )
    return Relation(tuple(relation.buffers[index] for index in indices), apart)


def loosen(relation: Relation) -> Relation:
    """The relation without the pairs that have a negative distance: what it needs, this needs."""
    negative = {
        frozenset((i, j))
        for i, others in enumerate(relation.apart)
        for j, distance in others.items()
        if distance < 0
    }
    apart = tuple(
        {j: d for j, d in others.items() if frozenset((i, j)) not in negative}
        for i, others in enumerate(relation.apart)
    )
    return Relation(relation.buffers, apart) if negative else relation


def components(relation: Relation) -> list[list[int]]:
    """Indices in groups that do not touch each other in time, each solved alone."""
    seen: set[int] = set()
    groups = []
    for first in range(len(relation.buffers)):
        if first in seen:
            continue
        seen.add(first)
        group, todo = [], [first]
        while todo:
            i = todo.pop()
            group.append(i)
            fresh = [j for j in relation.apart[i] if j not in seen]
            seen.update(fresh)
            todo += fresh
        groups.append(sorted(group))
    return groups
