# SPDX-License-Identifier: Apache-2.0
"""From a problem to its solution: one memory exactly, several by spilling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netsuke.memory_planner.bounds import lower_bound, sections
from netsuke.memory_planner.exact import improve
from netsuke.memory_planner.greedy import Budget, best_of_orders
from netsuke.memory_planner.problem import Buffer, Memory, Problem, Solution, allowed
from netsuke.memory_planner.relation import Relation, components, relate, restrict

# Pairs of buffers that Python looks at in a second on a slow machine.
_STEPS_PER_SECOND = 1_000_000
# What is placed in one of several memories is tried many times; each may cost one in so many steps.
_TRIALS = 32

_UNLIMITED = 1 << 62


class DoesNotFit(Exception):
    """The buffers do not fit. The message is one line: memory, size, need, time, buffers.

    `needed_bytes` is what the best placement found needs; `buffers` are those alive at `time`,
    the largest first. `proven`: no placement fits, else none was found.
    """

    def __init__(
        self, memory: Memory, needed_bytes: int, time: int, buffers: Sequence[Buffer], proven: bool
    ) -> None:
        self.memory, self.needed_bytes, self.time = memory, needed_bytes, time
        self.buffers, self.proven = tuple(buffers), proven
        names = ", ".join(f"{b.name} ({b.size_bytes})" for b in self.buffers)
        need = "needs" if proven else "best placement found needs"
        super().__init__(
            f"{memory.name} holds {memory.size_bytes} bytes, {need} {needed_bytes}; "
            f"alive at time {time}: {names}"
        )


@dataclass(frozen=True, slots=True)
class _Placement:
    """The buffers of one memory, placed. No placement is lower than `bound_bytes`."""

    relation: Relation
    offsets: tuple[int, ...]
    height_bytes: int
    bound_bytes: int


_Victim = Callable[[Sequence[Buffer], int], Buffer]


def solve(problem: Problem, time_limit_s: float = 2.0) -> Solution:
    """The lowest placement that was found within the limit.

    With one memory its height is minimised. With several, every buffer goes to the cheapest
    memory that takes it; small buffers give way first where one is full. The limit is spent as a
    number of steps, so the solution depends on the problem alone, never on the machine.

    Raises DoesNotFit when a memory is too small.
    """
    budget = Budget(int(time_limit_s * _STEPS_PER_SECOND))
    bound = lower_bound(problem)
    if len(problem.memories) == 1:
        memory = problem.memories[0]
        placement = _place(problem, problem.buffers, budget)
        if memory.size_bytes is not None and placement.height_bytes > memory.size_bytes:
            raise _does_not_fit(memory, placement)
        return _solution(problem, {memory.name: placement}, bound)
    try:
        placements = _spill(problem, _smallest_that_helps, budget)
    except DoesNotFit as first:
        try:
            placements = _spill(problem, _largest, budget)
        except DoesNotFit:
            raise first from None
    return _solution(problem, placements, bound)


def _place(
    problem: Problem, buffers: Sequence[Buffer], budget: Budget, enough_bytes: int = 0
) -> _Placement:
    """Places `buffers` in one memory, part by part that never meet in time, the fullest first.

    A height of `enough_bytes` is low enough.
    """
    whole = relate(buffers, problem.overlaps)
    offsets = [0] * len(buffers)
    parts = []
    for group in components(whole):
        part = restrict(whole, group)
        parts.append((max((s.bound_bytes for s in sections(part)), default=0), group, part))
    parts.sort(key=lambda entry: (-entry[0], entry[1]))
    bound = max([0, *(bound for bound, *_ in parts), *_fixed_ends(buffers)])
    floor = max(bound, enough_bytes)
    for _, group, part in parts:
        found = improve(part, best_of_orders(part, floor, budget), floor, budget)
        floor = max(floor, part.height(found.offsets))
        bound = max(bound, found.bound_bytes)
        for index, offset in zip(group, found.offsets, strict=True):
            offsets[index] = offset
    return _Placement(whole, tuple(offsets), whole.height(offsets), bound)


def _fixed_ends(buffers: Sequence[Buffer]) -> list[int]:
    return [b.fixed_offset + b.size_bytes for b in buffers if b.fixed_offset is not None]


def _does_not_fit(memory: Memory, placement: _Placement) -> DoesNotFit:
    """Blames the buffers alive when the placement first passes the end of the memory.

    When even the bytes alive at one time are too many, that time and those buffers.
    """
    relation, size = placement.relation, memory.size_bytes or 0
    demands = [(-section.bound_bytes, section.time) for section in sections(relation)]
    most, time = min(demands, default=(0, 0))
    if -most <= size:
        time = min(
            buffer.start
            for offset, buffer in zip(placement.offsets, relation.buffers, strict=True)
            if offset + buffer.size_bytes > size
        )
    alive = [b for b in relation.buffers if b.start <= time < b.end and b.size_bytes]
    alive.sort(key=lambda b: (-b.size_bytes, b.name))
    proven = placement.bound_bytes > size
    needed = placement.bound_bytes if proven else placement.height_bytes
    return DoesNotFit(memory, needed, time, alive, proven)


def _spill(problem: Problem, victim: _Victim, budget: Budget) -> dict[str, _Placement]:
    """Fills the memories one after another, the cheapest first, by moving victims to the next."""
    left = list(problem.buffers)
    trial = budget.steps // _TRIALS
    placements = {}
    for memory in sorted(problem.memories, key=lambda memory: memory.cost):
        here = [b for b in left if memory.name in allowed(problem, b)]
        size = _UNLIMITED if memory.size_bytes is None else memory.size_bytes
        moved: list[Buffer] = []
        placement = _place(problem, here, budget.lend(trial), size)
        while placement.height_bytes > size:
            blamed = _does_not_fit(memory, placement)
            movable = [b for b in blamed.buffers if allowed(problem, b)[-1] != memory.name]
            if not movable:
                raise blamed
            moved.append(victim(movable, placement.height_bytes - size))
            here.remove(moved[-1])
            placement = _place(problem, here, budget.lend(trial), size)
        for buffer in sorted(moved, key=lambda b: (-b.size_bytes, b.name)):
            fuller = _place(problem, [*here, buffer], budget.lend(trial), size)
            if fuller.height_bytes <= size:
                here, placement = [*here, buffer], fuller
        lowest = _place(problem, here, budget.lend(trial))
        placements[memory.name] = min(placement, lowest, key=lambda p: p.height_bytes)
        left = [b for b in left if b not in here]
    return placements


def _smallest_that_helps(movable: Sequence[Buffer], excess_bytes: int) -> Buffer:
    """The smallest that makes enough room alone; else the largest. `movable`: largest first."""
    enough = [b for b in movable if b.size_bytes >= excess_bytes]
    return enough[-1] if enough else movable[0]


def _largest(movable: Sequence[Buffer], excess_bytes: int) -> Buffer:
    return movable[0]


def _solution(problem: Problem, placements: dict[str, _Placement], bound: int) -> Solution:
    """Puts the placements together. `bound` is the bound on the bytes alive at one time."""
    offsets = {
        buffer.name: (memory, offset)
        for memory, placement in placements.items()
        for buffer, offset in zip(placement.relation.buffers, placement.offsets, strict=True)
    }
    heights = {memory.name: placements[memory.name].height_bytes for memory in problem.memories}
    total = sum(heights.values())
    if len(placements) == 1:
        proven = max(bound, *(placement.bound_bytes for placement in placements.values()))
    else:
        proven = bound
    ordered = {buffer.name: offsets[buffer.name] for buffer in problem.buffers}
    proof = ""
    if total == proven:
        proof = "lower bound" if total == bound else "completed search"
    return Solution(ordered, heights, proven, total == proven, proof)
