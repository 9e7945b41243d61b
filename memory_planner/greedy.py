# SPDX-License-Identifier: Apache-2.0
"""First fit in several orders, then a walk over orders. Fast, good, proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from netsuke.memory_planner.bounds import alive_sets
from netsuke.memory_planner.problem import Buffer
from netsuke.memory_planner.relation import Relation

# A walk that found nothing better for so many steps is over.
_PATIENCE = 200


@dataclass(slots=True)
class Budget:
    """Elementary steps (pairs of buffers looked at) that may still be spent.

    Counted instead of seconds, so that the same problem has the same solution on every machine.
    """

    steps: int

    def spend(self, steps: int) -> bool:
        """Whether there was anything left to spend."""
        self.steps -= steps
        return self.steps >= 0

    def lend(self, steps: int) -> Budget:
        """A budget of its own of at most so many steps, taken from this one."""
        lent = Budget(max(0, min(steps, self.steps)))
        self.steps -= lent.steps
        return lent

    def take_back(self, lent: Budget) -> None:
        """Returns what is left of a budget lent."""
        self.steps += lent.steps


def place_in_order(
    relation: Relation, order: Sequence[int], budget: Budget | None = None
) -> list[int]:
    """Offsets that result from putting each buffer, in turn, as low as it can go.

    Buffers with a fixed offset are placed before all others.
    """
    offsets = [0] * len(relation.buffers)
    placed: set[int] = set()
    for index, buffer in enumerate(relation.buffers):
        if buffer.fixed_offset is not None:
            offsets[index] = buffer.fixed_offset
            placed.add(index)
    for index in order:
        if index not in placed:
            offsets[index] = _first_fit(relation, index, offsets, placed)
            placed.add(index)
            if budget:
                budget.spend(len(relation.apart[index]))
    return offsets


def _first_fit(relation: Relation, index: int, offsets: Sequence[int], placed: set[int]) -> int:
    apart = relation.apart
    blocked = sorted(
        (offsets[other] - distance, offsets[other] + apart[other][index])
        for other, distance in apart[index].items()
        if other in placed
    )
    offset = 0
    for low, high in blocked:  # offsets strictly between the two are not legal
        if offset <= low:
            break
        if offset < high:
            offset = relation.align(index, high)
    return offset


def best_of_orders(relation: Relation, goal_bytes: int, budget: Budget) -> list[int]:
    """The offsets of the lowest placement found; stops early at `goal_bytes`."""
    best: list[int] = []
    best_height = -1
    best_order: list[int] = []
    for order in orders(relation):
        offsets = place_in_order(relation, order, budget)
        height = relation.height(offsets)
        if best_height < 0 or height < best_height:
            best, best_height, best_order = offsets, height, order
        if best_height <= goal_bytes:
            break
    return _walk(relation, best_order, best, goal_bytes, budget)


def orders(relation: Relation) -> Iterator[list[int]]:
    """The orders worth a try, most promising first."""
    indices = range(len(relation.buffers))
    load = crowding(relation)

    def span(buffer: Buffer) -> int:
        return buffer.end - buffer.start

    keys: tuple[Callable[[int, Buffer], tuple[int, ...]], ...] = (
        lambda i, b: (-b.size_bytes, b.start),
        lambda i, b: (-load[i], -b.size_bytes),
        lambda i, b: (-b.size_bytes * span(b), -b.size_bytes),
        lambda i, b: (-span(b), -b.size_bytes),
        lambda i, b: (b.start, -b.size_bytes),
        lambda i, b: (-b.end, -b.size_bytes),
        lambda i, b: (-load[i], -span(b)),
    )
    for key in keys:
        yield sorted(indices, key=lambda i: (*key(i, relation.buffers[i]), i))


def crowding(relation: Relation) -> list[int]:
    """For each buffer the most bytes that are alive at one time while it is alive."""
    load = [buffer.size_bytes for buffer in relation.buffers]
    for _, alive in alive_sets(relation):
        total = sum(relation.buffers[i].size_bytes for i in alive)
        for i in alive:
            load[i] = max(load[i], total)
    return load


def _walk(
    relation: Relation, order: list[int], best: list[int], goal_bytes: int, budget: Budget
) -> list[int]:
    """Pulls a buffer that ends at the top, or one that it rests on, to an earlier turn."""
    random = Random(0)
    height = relation.height(best)
    offsets, patience = best, _PATIENCE
    while height > goal_bytes and patience and budget.spend(len(order)):
        candidate = list(order)
        moved = random.choice(_tower(relation, offsets))
        candidate.remove(moved)
        candidate.insert(random.randrange(len(order)), moved)
        tried = place_in_order(relation, candidate, budget)
        tried_height = relation.height(tried)
        patience = _PATIENCE if tried_height < height else patience - 1
        if tried_height <= height:
            order, offsets, height = candidate, tried, tried_height
    return offsets


def _tower(relation: Relation, offsets: Sequence[int]) -> list[int]:
    """The buffers that end at the top, and all that they rest on, directly or not."""
    top = relation.height(offsets)
    todo = [i for i, b in enumerate(relation.buffers) if offsets[i] + b.size_bytes == top]
    found = set(todo)
    while todo:
        upper = todo.pop()
        for lower in relation.apart[upper]:
            rests = offsets[lower] + relation.apart[lower][upper]
            if lower not in found and relation.align(upper, rests) == offsets[upper]:
                found.add(lower)
                todo.append(lower)
    return sorted(found)
