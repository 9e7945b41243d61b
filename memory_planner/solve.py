# SPDX-License-Identifier: Apache-2.0
"""From a problem to its solution: one memory exactly, several by spilling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netsuke.memory_planner.bounds import lower_bound, sections
from netsuke.memory_planner.exact import improve
from netsuke.memory_planner.greedy import Budget, best_of_orders
from netsuke.memory_planner.problem import Buffer, Memory, Problem, Solution, allowed
from netsuke.memory_planner.relation import Relation, components, relate, restrict

# Pairs of buffers that Python looks at in a second on a slow machine.
_STEPS_PER_SECOND = 2_000_000


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
    return _solution(problem, _spill(problem, budget), bound)


def _place(problem: Problem, buffers: Sequence[Buffer], budget: Budget) -> _Placement:
    """Places `buffers` in one memory, part by part that never meet in time, the fullest first."""
    whole = relate(buffers, problem.overlaps)
    offsets = [0] * len(buffers)
    parts = []
    for group in components(whole):
        part = restrict(whole, group)
        parts.append((max((s.bound_bytes for s in sections(part)), default=0), group, part))
    parts.sort(key=lambda entry: (-entry[0], entry[1]))
    bound = floor = max([0, *(bound for bound, *_ in parts), *_fixed_ends(buffers)])
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
    worst = max(sections(relation), key=lambda section: section.bound_bytes)
    time = worst.time
    if worst.bound_bytes <= size:
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


def _spill(problem: Problem, budget: Budget) -> dict[str, _Placement]:
    """Fills the memories one after another, the cheapest first."""
    left = list(problem.buffers)
    placements = {}
    for memory in sorted(problem.memories, key=lambda memory: memory.cost):
        here = [b for b in left if memory.name in allowed(problem, b)]
        placement = _place(problem, here, budget)
        while memory.size_bytes is not None and placement.height_bytes > memory.size_bytes:
            victim = _victim(problem, memory, placement)
            if victim is None:
                raise _does_not_fit(memory, placement)
            here.remove(victim)
            placement = _place(problem, here, budget)
        placements[memory.name] = placement
        left = [b for b in left if b not in here]
    return placements


def _victim(problem: Problem, memory: Memory, placement: _Placement) -> Buffer | None:
    """The buffer to move to a dearer memory: the smallest that makes room enough, or the largest.

    Only buffers alive when the memory overflows, and that another, later memory may hold.
    """
    blamed = _does_not_fit(memory, placement)
    movable = [b for b in blamed.buffers if allowed(problem, b)[-1] != memory.name]
    excess = placement.height_bytes - (memory.size_bytes or 0)
    enough = [b for b in movable if b.size_bytes >= excess]
    if enough:
        return min(enough, key=lambda b: (b.size_bytes, b.name))
    return movable[0] if movable else None


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
