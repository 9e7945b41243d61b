# SPDX-License-Identifier: Apache-2.0
"""The order of the kernel calls inside a region, and what memory it takes.

A region is simulated on byte counts alone. Each of its operators is a task of some steps; tables
say how many leading bytes of each tensor a step needs, leaves dead and has written. What is written
and what dies when is all that the memory it takes depends on (rings.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Access, Rows, Whole
from netsuke.compiler.ops.registry import accesses, operator_of
from netsuke.compiler.schedule import Region
from netsuke.memory_planner import Event


@dataclass(frozen=True, slots=True)
class Read:
    """What a task reads of storage `root`, in leading bytes.

    `need[s]` must have been written before step s. `dead[s]` are dead for this reader once steps
    0 .. s-1 are done. `block` rows are read as one stretch of memory. `in_place`: step s may
    overwrite what it reads.
    """

    root: TensorId
    need: tuple[int, ...]
    dead: tuple[int, ...]
    block: int
    in_place: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One operator (or the caller pushing rows: `op` is None) as steps.

    `written[s]` leading bytes of `out` exist once steps 0 .. s-1 are done; a step writes at most
    `block` rows of `row_bytes`.
    """

    op: Op | None
    out: TensorId
    reads: tuple[Read, ...]
    written: tuple[int, ...]
    row_bytes: int
    block: int

    @property
    def steps(self) -> int:
        return len(self.written) - 1


def tasks_of(
    graph: Graph, region: Region, blocks: Mapping[int, int], root: Mapping[TensorId, TensorId]
) -> tuple[Task, ...]:
    """The tasks of a region in topological order, the pushed input first."""
    pushed = [] if region.stream is None else [push_task(graph, region.stream)]
    return (
        *pushed,
        *(
            op_task(graph, op, blocks[op.index], root, reduced=op.index in region.reduced)
            for op in region.ops
        ),
    )


def push_task(graph: Graph, t: TensorId) -> Task:
    """The caller pushing input `t` row by row."""
    tensor = graph.tensors[t]
    written = tuple(r * tensor.row_bytes for r in range(tensor.rows + 1))
    return Task(None, t, (), written, tensor.row_bytes, 1)


def op_task(
    graph: Graph, op: Op, block: int, root: Mapping[TensorId, TensorId], *, reduced: bool
) -> Task:
    """One operator as a task; a reduced one takes a step for each row of its input."""
    out = graph.output(op)
    if reduced:
        ((t, _),) = accesses(graph, op)
        rows, row_bytes = graph.tensors[t].rows, graph.tensors[t].row_bytes
        need = tuple((s + 1) * row_bytes for s in range(rows))
        read = Read(root[t], need, (0, *need), 1, in_place=False)
        written = (*[0] * rows, out.size_bytes)
        return Task(op, op.outputs[0], (read,), written, out.row_bytes, out.rows)
    firsts = range(0, out.rows, block)
    in_place = _in_place_roots(graph, op, root)
    reads = tuple(
        Read(
            root[t],
            tuple(_needed(a, graph.tensors[t], min(f + block, out.rows) - 1) for f in firsts),
            (*(_dead(a, graph.tensors[t], f) for f in firsts), graph.tensors[t].size_bytes),
            block if a == Rows() else 1,
            in_place=root[t] in in_place,
        )
        for t, a in accesses(graph, op)
    )
    written = tuple(first * out.row_bytes for first in (*firsts, out.rows))
    return Task(op, op.outputs[0], reads, written, out.row_bytes, block)


def _in_place_roots(graph: Graph, op: Op, root: Mapping[TensorId, TensorId]) -> frozenset[TensorId]:
    """Storage whose row the kernel may overwrite with the output row, read only once."""
    roots = [None if t is None else root[t] for t in op.inputs]
    positions = operator_of(op.attrs).in_place(op.attrs, graph.input_tensors(op), graph.output(op))
    found = (roots[p] for p in positions)
    return frozenset(r for r in found if r is not None and roots.count(r) == 1)


def _needed(access: Access, tensor: Tensor, last_row: int) -> int:
    """Leading bytes of `tensor` that output rows up to `last_row` read."""
    if isinstance(access, Whole):
        return tensor.size_bytes
    rows = access.span(last_row)[-1] + 1
    return max(0, min(rows, tensor.rows)) * tensor.row_bytes


def _dead(access: Access, tensor: Tensor, row: int) -> int:
    if isinstance(access, Whole):
        return 0
    return max(0, min(access.span(row)[0], tensor.rows)) * tensor.row_bytes


class Simulation:
    """A region in motion: `done[i]` steps of task i have been run."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks
        self.done = [0] * len(tasks)
        self.writer = {task.out: i for i, task in enumerate(tasks)}
        self.readers: dict[TensorId, list[tuple[int, Read]]] = {}
        for i, task in enumerate(tasks):
            for read in task.reads:
                self.readers.setdefault(read.root, []).append((i, read))
        self._needs = [
            [(w, task.written, read.need) for read, w, task in self._made_here(i)]
            for i in range(len(tasks))
        ]
        self._steps = [task.steps for task in tasks]

    def _made_here(self, i: int) -> list[tuple[Read, int, Task]]:
        """The reads of task i that wait for another task, with that task."""
        return [
            (read, self.writer[read.root], self.tasks[self.writer[read.root]])
            for read in self.tasks[i].reads
            if read.root in self.writer
        ]

    def _ready(self, i: int) -> bool:
        step = self.done[i]
        if step == self._steps[i]:
            return False
        for writer, written, need in self._needs[i]:
            if written[self.done[writer]] < need[step]:
                return False
        return True

    def run(self) -> Iterator[int]:
        """The tasks in the order of their steps: of those that can run, the last one does.

        The generated C follows the same rule, so this is its order exactly. A step that is given
        out is counted as done.
        """
        backwards = range(len(self.tasks) - 1, -1, -1)
        while (i := next(filter(self._ready, backwards), None)) is not None:
            self.done[i] += 1
            yield i
        assert self.done == self._steps

    def dead_bytes(self, root: TensorId) -> int:
        """Leading bytes of `root` that nothing here needs once the running step is done."""
        return min(read.dead[self.done[i]] for i, read in self.readers[root])


@dataclass(frozen=True, slots=True)
class Events:
    """When bytes are written and when they die, in steps of the region: lists of (time, bytes)."""

    writes: Mapping[TensorId, Sequence[Event]]
    frees: Mapping[TensorId, Sequence[Event]]


def events_of(simulation: Simulation) -> Events:
    """Runs a region."""
    writes: dict[TensorId, list[Event]] = {task.out: [] for task in simulation.tasks}
    frees: dict[TensorId, list[Event]] = {root: [] for root in simulation.readers}
    dead = dict.fromkeys(simulation.readers, 0)
    for time, i in enumerate(simulation.run()):
        task, done = simulation.tasks[i], simulation.done[i]
        if grown := task.written[done] - task.written[done - 1]:
            writes[task.out].append((time, grown))
        for read in task.reads:
            if died := simulation.dead_bytes(read.root) - dead[read.root]:
                frees[read.root].append((time, died))
                dead[read.root] += died
    return Events(writes, frees)
