# SPDX-License-Identifier: Apache-2.0
"""Cuts a graph into streamed regions, so that as little memory as possible is alive at once.

Every step from one state of the graph to another (order.py) can be a region; what it takes follows
from the two states alone, because the tensors alive outside it depend on them only. So the best
order and its cuts are a shortest path over states: first the least peak, then the least work among
the paths that stay below it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.base import KernelCall
from netsuke.compiler.ops.registry import accesses
from netsuke.compiler.order import States, Storage, states_of, storages
from netsuke.compiler.rings import RegionMemory, joint_bytes, simulate
from netsuke.compiler.schedule import (
    PIXELS_PER_CALL,
    Region,
    Schedule,
    block_rows,
    is_view,
    storage_root,
)
from netsuke.compiler.timetable import Task, op_task, push_task


@dataclass(frozen=True, slots=True)
class Segment:
    """A region between two states. `peak_bytes` is what is alive while it runs, `work` an estimate
    in instructions of what it costs more than its operators one by one."""

    region: Region
    blocks: Mapping[int, int]
    peak_bytes: int
    work: int


@functools.lru_cache(maxsize=1 << 15)
def _simulated(
    tasks: tuple[Task, ...],
    windows: frozenset[TensorId],
    dying: tuple[tuple[TensorId, int], ...],
    overwriting: bool,
) -> RegionMemory:
    """`simulate`, remembered: plans of one network are tried with other kernels, heads and patches,
    and most of their regions are alike."""
    return simulate(tasks, windows, dict(dying), overwriting=overwriting)


@dataclass(frozen=True)
class Planner:
    """Segments of one graph, each simulated once. `calls` are the kernels of one-row blocks.

    Without `integration` a segment is one operator; without `overwriting` no output takes storage
    of an input.
    """

    graph: Graph
    calls: Mapping[int, KernelCall]
    streamed: bool
    keep_input: bool
    integration: bool = True
    overwriting: bool = True
    ops: tuple[Op, ...] = field(init=False)
    root: Mapping[TensorId, TensorId] = field(init=False)
    states: States = field(init=False)
    _storages: Mapping[TensorId, Storage] = field(init=False)
    _tasks: dict[tuple[int, int, bool], Task] = field(init=False, default_factory=dict)
    _segments: dict[tuple[int, int, int], Segment | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        ops = tuple(op for op in self.graph.ops if not is_view(op))
        root = storage_root(self.graph)
        found = storages(self.graph, ops, root, keep_input=self.keep_input)
        states = states_of(len(ops), found)
        for name, value in (("ops", ops), ("root", root), ("states", states), ("_storages", found)):
            object.__setattr__(self, name, value)

    def segment(self, first: int, end: int, pixels: int) -> Segment | None:
        """`between` of operators [first, end) in the file's order."""
        return self.between((1 << first) - 1, (1 << end) - 1, pixels)

    def between(self, before: int, after: int, pixels: int) -> Segment | None:
        """The region of the operators in state `after` and not in `before` that computes `pixels`
        pixels or tokens in a call where it can, None where these cannot be one region."""
        key = (before, after, pixels)
        if key not in self._segments:
            self._segments[key] = self._segment(before, after, pixels)
        return self._segments[key]

    def _segment(self, before: int, after: int, pixels: int) -> Segment | None:
        ops = tuple(op for i, op in enumerate(self.ops) if (after & ~before) >> i & 1)
        stream = self.graph.inputs[0] if self.streamed and before == 0 else None
        if (len(ops) > 1 and not self.integration) or not self._views_keep_rows(ops, stream):
            return None
        alone = len(ops) == 1 and stream is None
        reduced = frozenset() if alone else self._reduced(ops, stream)
        blocks = {op.index: block_rows(self.graph, op, pixels) for op in ops}
        region = Region(ops, stream, reduced)
        tasks = [] if stream is None else [push_task(self.graph, stream)]
        tasks += [self._task(op, blocks[op.index], op.index in reduced) for op in ops]
        inside, dying, other = self._alive(before, after, tasks)
        memory = self._simulate(tasks, inside, dying)
        peak = other + self._region_bytes(tasks, memory, inside, dying, ops, reduced)
        return Segment(region, blocks, peak, self._work(tasks))

    def _simulate(
        self, tasks: Sequence[Task], inside: frozenset[TensorId], dying: frozenset[TensorId]
    ) -> RegionMemory:
        """`simulate`, once for all regions of the same shape: the blocks of a transformer."""
        local: dict[TensorId, int] = {}
        for task in tasks:
            for t in (task.out, *(read.root for read in task.reads)):
                local.setdefault(t, len(local))
        renamed = tuple(
            replace(
                task,
                op=None,
                out=local[task.out],
                reads=tuple(replace(read, root=local[read.root]) for read in task.reads),
            )
            for task in tasks
        )
        sizes = sorted((local[t], self.graph.tensors[t].size_bytes) for t in dying)
        windows = frozenset(local[t] for t in inside)
        memory = _simulated(renamed, windows, tuple(sizes), self.overwriting)
        names = {i: t for t, i in local.items()}
        return RegionMemory(
            {names[t]: rows for t, rows in memory.rings.items()},
            {(names[o], names[i]): d for (o, i), d in memory.distances.items()},
            {names[t]: names[home] for t, home in memory.shared.items()},
        )

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
        self, before: int, after: int, tasks: Sequence[Task]
    ) -> tuple[frozenset[TensorId], frozenset[TensorId], int]:
        """Windows of the segment, whole tensors that may be overwritten as they die in it, and the
        bytes of the others that are alive throughout and not written here."""
        found = self._storages
        made = {task.out for task in tasks}
        read = {r.root for task in tasks for r in task.reads}
        inside = frozenset(t for t in made & read if found[t].dies(after))
        alive = [t for t, storage in found.items() if t not in made and storage.alive(before)]
        dying = frozenset(t for t in alive if self.overwriting and found[t].dies(after))
        other = sum(found[t].size_bytes for t in alive if t not in dying)
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
        windows = sum(rows * tensors[t].row_bytes for t, rows in memory.rings.items())
        scratch = max((self.calls[op.index].scratch_bytes for op in ops), default=0)
        sums = sum(
            call.accumulator_bytes
            for call in (self.calls[i].reduce for i in reduced)
            if call is not None
        )
        outs = [task.out for task in tasks if task.out not in inside]
        sizes = {t: tensors[t].size_bytes for t in (*outs, *dying)}
        return windows + scratch + sums + _overlaid_bytes(outs, sorted(dying), sizes, memory)

    def _work(self, tasks: Sequence[Task]) -> int:
        """Extra instructions of a region against its operators one by one, estimated."""
        total = 0
        for task in tasks:
            if task.op is None:
                continue
            full = block_rows(self.graph, task.op, PIXELS_PER_CALL)
            fewest = -(-self.graph.output(task.op).rows // full)
            total += max(0, task.steps - fewest) * CALL_INSTRUCTIONS
            if len(tasks) > 1:
                total += task.steps * CHECK_INSTRUCTIONS * len(tasks)
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
            sizes[o] + sizes[i] - joint_bytes(sizes[o], sizes[i], memory.distances[o, i])
            for o, i in zip(outs, chosen, strict=True)
            if i is not None
        )
        best = max(best, saved)
    return total - best


MOST_PAIRED = 5
"""Tensors at the edge of a region beyond which pairings are not searched."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """A schedule, its extra work in instructions, and the region with most bytes alive at once."""

    schedule: Schedule
    work: int
    highest: Segment

    @property
    def peak_bytes(self) -> int:
        """The most bytes alive at once."""
        return self.highest.peak_bytes


def plan_regions(planner: Planner, budget_bytes: int) -> Cuts:
    """The order and cuts of least work among those that need at most `budget_bytes`, or the least
    peak where that is more.

    Raises InputError where the input is to be streamed and cannot be.
    """
    _require_streamable(planner)
    least = least_peak(planner)
    segments = _least_work(planner, max(least, budget_bytes))
    schedule = Schedule(
        tuple(s.region for s in segments),
        {index: block for s in segments for index, block in s.blocks.items()},
        exact_order=planner.states.exact,
        least_peak_bytes=least if planner.states.exact else least_of_any_order(planner),
    )
    highest = max(segments, key=lambda s: s.peak_bytes)
    return Cuts(schedule, sum(s.work for s in segments), highest)


def _require_streamable(planner: Planner) -> None:
    """One input, whose rows every operator behind a view of it sees as rows too."""
    if not planner.streamed:
        return
    where, hint = f"{planner.graph.name}: streamed input", "keep it resident"
    if len(planner.graph.inputs) != 1:
        raise InputError(where, f"{len(planner.graph.inputs)} inputs", "one input", hint)
    if all(planner.between(0, s, 1) is None for s in planner.states.masks if s.bit_count() == 1):
        raise InputError(where, "an input that is reshaped before it is read", hint=hint)


def _steps(planner: Planner) -> Iterator[tuple[int, list[int]]]:
    """Each state but the first, and the states that one region can lead from to it, those that make
    the shortest regions first."""
    by_size: dict[int, list[int]] = {}
    for state in planner.states.masks:
        size = state.bit_count()
        sizes = range(size - 1, max(-1, size - MOST_OPS - 1), -1)
        befores = [b for n in sizes for b in by_size.get(n, ()) if not b & ~state]
        if size:
            yield state, befores
        by_size.setdefault(size, []).append(state)


UNREACHED = 2**62


def least_peak(planner: Planner, below: int = UNREACHED) -> int:
    """The least, over all orders and cuts, of the largest peak of a segment; `below`, which is soon
    found out, where it is not less than that."""
    best = dict.fromkeys(planner.states.masks, below) | {0: 0}
    for after, befores in _steps(planner):
        for before in befores:
            if best[before] >= best[after]:
                continue
            segment = planner.between(before, after, 1)
            if segment is not None:
                best[after] = min(best[after], max(best[before], segment.peak_bytes))
    return best[planner.states.masks[-1]]


def least_of_any_order(planner: Planner) -> int:
    """A peak that no order and no cuts go below: what the neediest step of an operator reads and
    writes, or the inputs or outputs of the graph where they are whole."""
    graph, root = planner.graph, planner.root
    edges = [graph.outputs] if planner.streamed else [graph.inputs, graph.outputs]
    most = max(sum(graph.tensors[t].size_bytes for t in {root[t] for t in edge}) for edge in edges)
    for op in planner.ops:
        call = planner.calls[op.index]
        if call.reduce is not None:  # takes in row by row what it would read at once
            continue
        task = op_task(graph, op, 1, root, reduced=False)
        for step in range(task.steps):
            read = {r.root: 0 for r in task.reads}
            for r in task.reads:
                read[r.root] = max(read[r.root], r.need[step] - r.dead[step])
            row = 0 if any(r.in_place for r in task.reads) else task.row_bytes
            most = max(most, sum(read.values()) + row + call.scratch_bytes)
    return most


MOST_OPS = 24
"""Operators in one region. Longer ones gain nothing in practice and make the search quadratic."""


def _least_work(planner: Planner, peak_bytes: int) -> list[Segment]:
    """The cheapest path whose segments all stay within `peak_bytes`."""
    best = dict.fromkeys(planner.states.masks, UNREACHED) | {0: 0}
    via: dict[int, tuple[int, Segment]] = {}
    for after, befores in _steps(planner):
        for before in befores:
            if best[before] >= best[after]:
                continue
            segment = _largest_blocks(planner, before, after, peak_bytes)
            if segment is not None and best[before] + segment.work < best[after]:
                best[after], via[after] = best[before] + segment.work, (before, segment)
    path: list[Segment] = []
    state = planner.states.masks[-1]
    while state:
        state, segment = via[state]
        path.append(segment)
    return path[::-1]


def _largest_blocks(planner: Planner, before: int, after: int, peak_bytes: int) -> Segment | None:
    """The segment with the largest blocks that stays within `peak_bytes`."""
    least = planner.between(before, after, 1)
    if least is None or least.peak_bytes > peak_bytes:
        return None
    sizes = (PIXELS_PER_CALL >> n for n in range(PIXELS_PER_CALL.bit_length() - 1))
    variants = (planner.between(before, after, pixels) for pixels in sizes)
    return next((v for v in variants if v is not None and v.peak_bytes <= peak_bytes), least)
