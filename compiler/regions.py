# SPDX-License-Identifier: Apache-2.0
"""Cuts a graph into streamed regions, so that as little memory as possible is alive at once.

The order of the operators is given. Every segment of it can be a region; what a segment takes
follows from the segment alone, because the tensors alive outside it depend on its ends only. So the
best cuts are a shortest path over cut points: first the least peak, then the least work among the
cuts that stay below it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.base import KernelCall
from netsuke.compiler.schedule import (
    PIXELS_PER_CALL,
    Region,
    Schedule,
    accesses,
    block_rows,
    is_view,
    storage_root,
)
from netsuke.compiler.timetable import RegionMemory, Task, op_task, push_task, simulate


@dataclass(frozen=True, slots=True)
class Segment:
    """A region [first, end) of the order. `peak_bytes` is what is alive while it runs, `work` an
    estimate in instructions of what it costs more than its operators one by one."""

    region: Region
    blocks: Mapping[int, int]
    peak_bytes: int
    work: int


@dataclass(frozen=True)
class Planner:
    """Segments of one graph, each simulated once. `calls` are the kernels of one-row blocks."""

    graph: Graph
    calls: Mapping[int, KernelCall]
    streamed: bool
    keep_input: bool
    ops: tuple[Op, ...] = field(init=False)
    root: Mapping[TensorId, TensorId] = field(init=False)
    _born: Mapping[TensorId, int] = field(init=False)
    _dies: Mapping[TensorId, int] = field(init=False)
    _tasks: dict[tuple[int, int, bool], Task] = field(init=False, default_factory=dict)
    _segments: dict[tuple[int, int], Segment | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        ops = tuple(op for op in self.graph.ops if not is_view(op))
        root = storage_root(self.graph)
        born = {root[t]: -1 for t in self.graph.inputs}
        dies: dict[TensorId, int] = {}
        for i, op in enumerate(ops):
            born[op.outputs[0]] = i
            dies.setdefault(op.outputs[0], i)
            dies.update({root[t]: i for t in self.graph.activation_inputs(op)})
        kept = [*self.graph.outputs, *(self.graph.inputs if self.keep_input else ())]
        dies.update({root[t]: len(ops) for t in kept})
        for name, value in (("ops", ops), ("root", root), ("_born", born), ("_dies", dies)):
            object.__setattr__(self, name, value)

    def segment(self, first: int, end: int) -> Segment | None:
        """The region of operators [first, end), None where they cannot be one."""
        if (first, end) not in self._segments:
            self._segments[first, end] = self._simulate(first, end)
        return self._segments[first, end]

    def _simulate(self, first: int, end: int) -> Segment | None:
        ops = self.ops[first:end]
        stream = self.graph.inputs[0] if self.streamed and first == 0 else None
        if not self._views_keep_rows(ops, stream):
            return None
        alone = len(ops) == 1 and stream is None
        reduced = frozenset() if alone else self._reduced(ops, stream)
        blocks = {
            op.index: block_rows(self.graph, op, PIXELS_PER_CALL) if alone else 1 for op in ops
        }
        region = Region(ops, stream, reduced)
        tasks = [] if stream is None else [push_task(self.graph, stream)]
        tasks += [self._task(op, blocks[op.index], op.index in reduced) for op in ops]
        inside, dying, other = self._alive(first, end, tasks, stream)
        memory = simulate(self.graph, tasks, inside, dying)
        peak = other + self._region_bytes(tasks, memory, inside, dying, ops, reduced)
        return Segment(region, blocks, peak, self._work(tasks, blocks))

    def _task(self, op: Op, block: int, reduced: bool) -> Task:
        key = (op.index, block, reduced)
        if key not in self._tasks:
            self._tasks[key] = op_task(self.graph, op, block, self.root, reduced=reduced)
        return self._tasks[key]

    def _views_keep_rows(self, ops: Sequence[Op], stream: TensorId | None) -> bool:
        """Rows of a tensor made here must be rows of each view of it that is read here."""
        made = {op.outputs[0] for op in ops} | ({stream} - {None})
        tensors = self.graph.tensors
        return all(
            self.root[t] not in made or tensors[t].rows == tensors[self.root[t]].rows
            for op in ops
            for t, _ in accesses(self.graph, op)
        )

    def _reduced(self, ops: Sequence[Op], stream: TensorId | None) -> frozenset[int]:
        """Reductions whose input is made here row by row."""
        made = {op.outputs[0] for op in ops} | {stream}
        return frozenset(
            op.index
            for op in ops
            if self.calls[op.index].reduce is not None
            and all(self.root[t] in made for t in self.graph.activation_inputs(op))
        )

    def _alive(
        self, first: int, end: int, tasks: Sequence[Task], stream: TensorId | None
    ) -> tuple[frozenset[TensorId], frozenset[TensorId], int]:
        """Windows of the segment, whole tensors that die in it, and the bytes of those that are
        alive throughout and not written here."""
        made = {task.out for task in tasks}
        read = {r.root for task in tasks for r in task.reads}
        inside = frozenset(t for t in made & read if self._dies[t] < end)
        alive = {t for t, b in self._born.items() if b < first and self._dies[t] >= first} - made
        dying = frozenset(t for t in alive if self._dies[t] < end)
        other = sum(self.graph.tensors[t].size_bytes for t in alive - dying)
        return inside, dying, other

    def _region_bytes(
        self,
        tasks: Sequence[Task],
        memory: RegionMemory,
        inside: frozenset[TensorId],
        dying: frozenset[TensorId],
        ops: Sequence[Op],
        reduced: frozenset[int],
    ) -> int:
        tensors = self.graph.tensors
        windows = sum(memory.rings[t] * tensors[t].row_bytes for t in inside)
        scratch = max((self.calls[op.index].scratch_bytes for op in ops), default=0)
        sums = sum(
            call.accumulator_bytes
            for call in (self.calls[i].reduce for i in reduced)
            if call is not None
        )
        outs = [task.out for task in tasks if task.out not in inside]
        sizes = {t: tensors[t].size_bytes for t in (*outs, *dying)}
        return windows + scratch + sums + _overlaid_bytes(outs, sorted(dying), sizes, memory)

    def _work(self, tasks: Sequence[Task], blocks: Mapping[int, int]) -> int:
        """Extra instructions of a region against its operators one by one, estimated."""
        total = 0
        for task in tasks:
            if task.op is None:
                continue
            fewest = task.steps
            if len(tasks) > 1:
                total += task.steps * CHECK_INSTRUCTIONS * len(tasks)
                full = block_rows(self.graph, task.op, PIXELS_PER_CALL)
                fewest = -(-task.steps // full)
            total += (task.steps - fewest) * CALL_INSTRUCTIONS
        return total


CHECK_INSTRUCTIONS = 3
"""To find, operator by operator, the one that can run."""

CALL_INSTRUCTIONS = 80
"""Row pointers, the call and the set-up of a kernel."""


def _overlaid_bytes(
    outs: Sequence[TensorId],
    ins: Sequence[TensorId],
    sizes: Mapping[TensorId, int],
    memory: RegionMemory,
) -> int:
    """Bytes of outputs and dying inputs when each output lies over the input that saves most."""
    total = sum(sizes.values())
    if len(ins) > MOST_PAIRED or len(outs) > MOST_PAIRED:
        return total
    width = max(len(outs), len(ins))
    slots: list[TensorId | None] = [*ins, *[None] * (width - len(ins))]
    best = 0
    for chosen in itertools.permutations(slots, len(outs)):
        saved = sum(
            sizes[o] + sizes[i] - _joint_bytes(sizes[o], sizes[i], memory.distances[o, i])
            for o, i in zip(outs, chosen, strict=True)
            if i is not None
        )
        best = max(best, saved)
    return total - best


MOST_PAIRED = 5
"""Tensors at the edge of a region beyond which pairings are not searched."""


def _joint_bytes(out: int, dying: int, distance: int) -> int:
    """Bytes of two tensors when the output starts `distance` before the input."""
    if distance >= 0:
        return min(max(out, distance + dying), out + dying)
    return min(max(dying, out - distance), out + dying)


def plan_regions(planner: Planner, budget_bytes: int) -> Schedule:
    """The schedule of least work among those that need at most `budget_bytes`, or the least peak
    where that is more."""
    least = _least_peak(planner)
    segments = _least_work(planner, max(least, budget_bytes))
    return Schedule(
        tuple(s.region for s in segments),
        {index: block for s in segments for index, block in s.blocks.items()},
    )


def _least_peak(planner: Planner) -> int:
    """The least, over all cuts, of the largest peak of a segment."""
    count = len(planner.ops)
    best = [0] + [UNREACHED] * count
    for end in range(1, count + 1):
        for first in range(end - 1, -1, -1):
            if best[first] >= best[end]:
                continue
            segment = planner.segment(first, end)
            if segment is not None:
                best[end] = min(best[end], max(best[first], segment.peak_bytes))
    return best[count]


UNREACHED = 2**62


def _least_work(planner: Planner, peak_bytes: int) -> list[Segment]:
    """The cheapest cuts whose segments all stay within `peak_bytes`."""
    count = len(planner.ops)
    best = [0] + [UNREACHED] * count
    via: list[Segment | None] = [None] * (count + 1)
    start = [0] * (count + 1)
    for end in range(1, count + 1):
        for first in range(end - 1, -1, -1):
            segment = planner.segment(first, end)
            if segment is None or segment.peak_bytes > peak_bytes:
                continue
            if best[first] + segment.work < best[end]:
                best[end], via[end], start[end] = best[first] + segment.work, segment, first
    path: list[Segment] = []
    end = count
    while end > 0:
        segment = via[end]
        assert segment is not None
        path.append(segment)
        end = start[end]
    return path[::-1]
