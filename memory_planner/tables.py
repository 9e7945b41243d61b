# SPDX-License-Identifier: Apache-2.0
"""A relation and its sections (bounds.py) as arrays, for a search that looks at them often."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netsuke.memory_planner.bounds import Section, alive_sets
from netsuke.memory_planner.relation import Relation

Array = NDArray[Any]

NEVER = 1 << 60
"""An offset that nothing has; two of them can be added."""

_FIXED_PRICE, _ITEMS_PER_STEP = 60, 400
"""Of one buffer tried: so many steps, and one for each so many items of the arrays."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Arrays over buffers (n), pairs of buffers (n x n), sections (s) or steps in time.

    `push[i, j]`: what buffer j lies above the start of i at least, where i comes first;
    `pushed` is the same the other way round; both hold where `meets`. `outside[s, i]` is NEVER
    where buffer i is no member of section s, else 0. `first` and `last` are steps of a buffer,
    `near` those of all that it meets, `cuts` the buffers alive in a step and the next one.
    `price`: steps of a budget for one buffer tried.
    """

    size: Array
    mask: Array
    lowest: Array
    pinned: Array
    pins: Array
    push: Array
    pushed: Array
    meets: Array
    outside: Array
    weights: Array
    need: Array
    idle: Array
    first: Array
    last: Array
    near: tuple[tuple[int, int], ...]
    cuts: Array
    first_section: tuple[int, ...]
    price: int

    def part(self, first: int, last: int) -> slice:
        """The sections of steps `first` to `last`."""
        return slice(self.first_section[first], self.first_section[last + 1])

    def load(self, members: Array, need: Array, part: slice) -> Array:
        """For each of the buffers the most that a section of the part that has it needs."""
        loads: Array = ((self.weights[members, part] > 0) * need[part]).max(axis=1, initial=0)
        return loads

    def aligned(self, offsets: Array, members: Array | None = None) -> Array:
        """The lowest offsets at or above these that buffers (all, or `members`) may have."""
        mask = self.mask if members is None else self.mask[members]
        return (offsets + mask) & ~mask


def tables_of(relation: Relation, sections: Sequence[Section]) -> Tables:
    """The arrays. Buffers without a size have no lowest offset: nothing has to place them."""
    buffers, count = relation.buffers, len(relation.buffers)
    push, weights = _pushes(relation), _weights(count, sections)
    times = [time for time, _ in alive_sets(relation)]
    steps = [section.step for section in sections]
    first = np.array([bisect_left(times, b.start) for b in buffers], np.int64)
    last = np.array([bisect_left(times, b.end) - 1 for b in buffers], np.int64)
    cuts = np.zeros(len(times), np.int64)
    for buffer, begin, end in zip(buffers, first.tolist(), last.tolist(), strict=True):
        if buffer.size_bytes:
            cuts[begin:end] += 1
    groups = [[i, *others] for i, others in enumerate(relation.apart)]
    pinned = np.array([b.fixed_offset is not None for b in buffers], bool)
    return Tables(
        size=np.array([b.size_bytes for b in buffers], np.int64),
        mask=np.array([b.alignment - 1 for b in buffers], np.int64),
        lowest=np.array([b.fixed_offset or 0 if b.size_bytes else NEVER for b in buffers]),
        pinned=pinned,
        pins=np.flatnonzero(pinned),
        push=push,
        pushed=np.ascontiguousarray(push.T),
        meets=push >= 0,
        outside=np.ascontiguousarray(np.where(weights > 0, 0, NEVER).T),
        weights=weights,
        need=np.array([section.bound_bytes for section in sections], np.int64),
        idle=np.array([section.slack_bytes for section in sections], np.int64),
        first=first,
        last=last,
        near=tuple((int(first[g].min()), int(last[g].max())) for g in groups),
        cuts=cuts,
        first_section=tuple(bisect_left(steps, step) for step in range(len(times) + 1)),
        price=_FIXED_PRICE + count * (len(sections) + 10) // _ITEMS_PER_STEP,
    )


def _pushes(relation: Relation) -> Array:
    push = np.full((len(relation.buffers), len(relation.buffers)), -NEVER)
    for i, others in enumerate(relation.apart):
        for j, distance in others.items():
            push[i, j] = max(0, distance)
    return push


def _weights(count: int, sections: Sequence[Section]) -> Array:
    weights = np.zeros((count, len(sections)), np.int64)
    for s, section in enumerate(sections):
        for i, weight in section.members:
            weights[i, s] = weight
    return weights
