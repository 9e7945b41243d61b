# SPDX-License-Identifier: Apache-2.0
"""What memory a region takes: rings of its windows, distances of its outputs, shared storage.

All three are distances between what is written and what is dead (memory_planner.overlap), so they
hold for any access pattern. A ring holds the distance that a tensor keeps from itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netsuke.compiler.ir import Graph, TensorId
from netsuke.compiler.schedule import Region, Schedule, storage_root
from netsuke.compiler.timetable import Read, Simulation, Task, events_of, tasks_of
from netsuke.memory_planner import minimal_distance


@dataclass(frozen=True, slots=True)
class RegionMemory:
    """What a simulated region needs.

    `rings[t]` is the rows that window t holds. `distances[out, in]` is the least number of bytes
    that whole tensor `out`, written here, must start before whole tensor `in`, which dies here.
    `shared[t]` is the tensor written here whose storage window t takes, row for row: what reads t
    writes each row over the one it read.
    """

    rings: Mapping[TensorId, int]
    distances: Mapping[tuple[TensorId, TensorId], int]
    shared: Mapping[TensorId, TensorId] = field(default_factory=dict)


def region_memory(
    graph: Graph,
    schedule: Schedule,
    region: Region,
    windows: frozenset[TensorId],
    dying: frozenset[TensorId],
    *,
    overwriting: bool = True,
) -> RegionMemory:
    """The simulated needs of one region of a schedule."""
    tasks = tasks_of(graph, region, schedule.blocks, storage_root(graph))
    sizes = {t: graph.tensors[t].size_bytes for t in dying}
    return simulate(tasks, windows, sizes, overwriting=overwriting)


def simulate(
    tasks: Sequence[Task],
    windows: frozenset[TensorId],
    dying: Mapping[TensorId, int],
    *,
    overwriting: bool = True,
) -> RegionMemory:
    """Run a region: how much of its windows is alive, and how far outputs must lead.

    `windows` are its tensors that live only inside it, `dying` the sizes of the whole tensors read
    here for the last time; both name storage roots. Without `overwriting` no two share storage.
    """
    storages = _Storages(tasks, windows, dying)
    if overwriting:
        storages.share()
    kept = [task.out for task in tasks if task.out not in storages.shared]
    return RegionMemory(
        {t: storages.ring(t) for t in kept if t in windows},
        {(o, i): storages.distance(o, i) for o in kept if o not in windows for i in dying},
        storages.shared,
    )


class _Storages:
    """The storage of each tensor that a region writes, named after the last tensor that takes it.

    `chain[t]` are the tensors in storage t in the order in which they are written to it.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        windows: frozenset[TensorId],
        dying: Mapping[TensorId, int],
    ) -> None:
        simulation = Simulation(tasks)
        self.tasks = {task.out: task for task in tasks}
        self.windows, self.dying, self.readers = windows, dying, simulation.readers
        self.events = events_of(simulation)
        self.chain: dict[TensorId, tuple[TensorId, ...]] = {t: (t,) for t in self.tasks}
        self.shared: dict[TensorId, TensorId] = {}

    def share(self) -> None:
        """Lets what is read in place share the storage of what is written over it, where that
        saves memory."""
        for task in self.tasks.values():
            saved = {t: self._saved_bytes(t, task.out) for t in self._read_in_place(task)}
            t = max(saved, key=saved.__getitem__, default=task.out)
            if saved.get(t, 0) > 0:
                self.chain[task.out] = (*self.chain.pop(t), task.out)
                self.shared.update(dict.fromkeys(self.chain[task.out][:-1], task.out))

    def _read_in_place(self, task: Task) -> list[TensorId]:
        """Windows that this task alone reads, each row when it writes that row."""
        return [
            read.root
            for read in task.reads
            if read.in_place
            and read.root in self.windows
            and len(self.readers[read.root]) == 1
            and (read.need, read.dead) == (task.written[1:], task.written)
        ]

    def _saved_bytes(self, t: TensorId, out: TensorId) -> int:
        """Bytes that are not needed when window t shares the storage of `out`."""
        row_bytes, chain = self.tasks[out].row_bytes, (*self.chain[t], out)
        saved = self.ring(t)
        if out in self.windows:
            return (saved + self.ring(out) - self.ring(out, chain)) * row_bytes
        size = self.tasks[out].written[-1]
        more = (
            joint_bytes(size, dying, self.distance(out, i, chain))
            - joint_bytes(size, dying, self.distance(out, i))
            for i, dying in self.dying.items()
        )
        return saved * row_bytes - max(more, default=0)

    def ring(self, t: TensorId, chain: Sequence[TensorId] = ()) -> int:
        """Rows of a window, such that no block that is written or read at once wraps around."""
        chain = chain or self.chain[t]
        row_bytes = self.tasks[t].row_bytes
        alive = minimal_distance(self.events.writes[chain[0]], self.events.frees[t])
        blocks = (self.tasks[c].block for c in chain)
        reads: list[Read] = [read for c in chain for _, read in self.readers[c]]
        unit = math.lcm(*blocks, *(read.block for read in reads))
        rows, whole = -(-alive // row_bytes), self.tasks[t].written[-1] // row_bytes
        return min(-(-rows // unit) * unit, whole)

    def distance(self, out: TensorId, dying: TensorId, chain: Sequence[TensorId] = ()) -> int:
        """How far whole tensor `out` must start before `dying`; what is written to its storage
        once `dying` is dead may go anywhere."""
        first = (chain or self.chain[out])[0]
        frees, size = self.events.frees[dying], self.dying[dying]
        writes = self.events.writes[first]
        if sum(count for _, count in frees) == size:
            writes = [event for event in writes if event[0] <= frees[-1][0]]
        if not writes:
            return -size
        in_place = any(r.root == dying and r.in_place for r in self.tasks[first].reads)
        return minimal_distance(writes, frees, in_place=in_place)


def joint_bytes(out_bytes: int, dying_bytes: int, distance: int) -> int:
    """Bytes of two tensors when the output starts at least `distance` before the input."""
    return min(max(out_bytes, max(0, distance) + dying_bytes), out_bytes + dying_bytes)
