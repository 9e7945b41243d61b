# SPDX-License-Identifier: Apache-2.0
"""From a schedule to the allocation problem, and from its solution to addresses.

Time is the index of the region. Whole tensors live from the region that writes them to the last
one that reads them; windows and scratch live in their region. Where an input dies in the region
that writes an output, the output may overwrite it at the distance that the simulation found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netsuke.compiler.ir import Graph, TensorId
from netsuke.compiler.ops.base import KernelCall
from netsuke.compiler.rings import RegionMemory, region_memory
from netsuke.compiler.schedule import Region, Schedule, is_view, storage_root
from netsuke.memory_planner import Buffer, Memory, Overlap, Problem, Solution

RAM = "ram"
"""The memory that takes what no other is named for."""

ALIGNMENT = 4
"""Bytes. Kernels read rows by words; scratch holds 32-bit accumulators."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """For each storage root the half-open range of regions in which it is alive."""

    start: Mapping[TensorId, int]
    end: Mapping[TensorId, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Byte `offset` of the arena's part in memory number `memory`."""

    memory: int
    offset: int


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a tensor's rows are: `ring` rows of `row_bytes` at `offset` of the arena, or of its
    part in memory number `memory`."""

    offset: int
    row_bytes: int
    ring: int
    memory: int = 0


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Addresses of everything the generated code writes besides the stack."""

    storage: Mapping[TensorId, Storage]
    scratch: Mapping[int, Place]
    """The scratch of each operator, by operator index."""
    accumulators: Mapping[int, Place]
    """The accumulators of each reduced operator, by operator index."""
    memories: tuple[tuple[str, int], ...]
    """Name and bytes of the arena's parts: RAM that is not named first, where it is used."""
    solution: Solution

    @property
    def arena_bytes(self) -> int:
        """All parts of the arena."""
        return sum(size for _, size in self.memories)


def lifetimes(graph: Graph, schedule: Schedule, *, keep_input: bool) -> Lifetimes:
    """Inputs are alive from the start, outputs (and inputs to be kept) to the end."""
    root = storage_root(graph)
    when = {op.index: r for r, region in enumerate(schedule.regions) for op in region.ops}
    start = {root[t]: 0 for t in graph.inputs}
    end: dict[TensorId, int] = {}
    for op in graph.ops:
        if is_view(op):
            continue
        start.setdefault(op.outputs[0], when[op.index])
        end[op.outputs[0]] = when[op.index] + 1
        for t in graph.activation_inputs(op):
            end[root[t]] = max(end.get(root[t], 0), when[op.index] + 1)
    kept = (*graph.outputs, *(graph.inputs if keep_input else ()))
    end.update({root[t]: len(schedule.regions) for t in kept})
    for t in start:
        end.setdefault(t, 1)
    return Lifetimes(start, end)


def windows_of(graph: Graph, region: Region, life: Lifetimes, r: int) -> frozenset[TensorId]:
    """Tensors that a region both writes and reads for the last time."""
    root = storage_root(graph)
    written = {op.outputs[0] for op in region.ops}
    if region.stream is not None:
        written.add(region.stream)
    written -= {root[t] for t in graph.outputs}
    read = {root[t] for op in region.ops for t in graph.activation_inputs(op)}
    return frozenset(t for t in written & read if life.start[t] == r and life.end[t] == r + 1)


def region_memories(
    graph: Graph, schedule: Schedule, life: Lifetimes, *, overwriting: bool
) -> tuple[RegionMemory, ...]:
    """The simulated needs of every region."""
    return tuple(
        region_memory(
            graph,
            schedule,
            region,
            windows_of(graph, region, life, r),
            _dying(graph, region, life, r),
            overwriting=overwriting,
        )
        for r, region in enumerate(schedule.regions)
    )


def _dying(graph: Graph, region: Region, life: Lifetimes, r: int) -> frozenset[TensorId]:
    """Whole tensors that region r reads for the last time, does not write and need not keep."""
    root = storage_root(graph)
    here = {op.outputs[0] for op in region.ops} | {region.stream}
    read = {root[t] for op in region.ops for t in graph.activation_inputs(op)}
    ends = {t for t in read if life.end[t] == r + 1 and life.start[t] <= r}
    return frozenset(ends - here - {root[t] for t in graph.outputs})


def build_problem(
    graph: Graph,
    schedule: Schedule,
    calls: Mapping[int, KernelCall],
    *,
    keep_input: bool,
    overwriting: bool = True,
    memories: tuple[Memory, ...] = (),
) -> tuple[Problem, tuple[RegionMemory, ...]]:
    """The allocation problem of a schedule; without `overwriting` nothing may share storage.
    `memories` are filled first; what they do not take goes to RAM, whose size the linker checks.

    Buffers are named `t<id>`, `scratch<region>` and `acc<op>`.
    """
    life = lifetimes(graph, schedule, keep_input=keep_input)
    needs = region_memories(graph, schedule, life, overwriting=overwriting)
    rings = {t: ring for memory in needs for t, ring in memory.rings.items()}
    shared = {t for memory in needs for t in memory.shared}
    buffers = [
        Buffer(f"t{t}", _bytes(graph, t, rings), life.start[t], life.end[t], ALIGNMENT)
        for t in sorted(life.start.keys() - shared)
    ]
    overlaps = []
    for r, (region, memory) in enumerate(zip(schedule.regions, needs, strict=True)):
        scratch = max(calls[op.index].scratch_bytes for op in region.ops)
        if scratch:
            buffers.append(Buffer(f"scratch{r}", scratch, r, r + 1, ALIGNMENT))
        for op in (op for op in region.ops if op.index in region.reduced):
            reduce = calls[op.index].reduce
            assert reduce is not None
            buffers.append(Buffer(f"acc{op.index}", reduce.accumulator_bytes, r, r + 1, ALIGNMENT))
        overlaps += [
            Overlap(f"t{out}", f"t{dying}", distance)
            for (out, dying), distance in sorted(memory.distances.items())
        ]
    every = (*memories, Memory(RAM, cost=len(memories)))
    return Problem(tuple(buffers), tuple(overlaps) if overwriting else (), every), needs


def _bytes(graph: Graph, t: TensorId, rings: Mapping[TensorId, int]) -> int:
    tensor = graph.tensors[t]
    return tensor.row_bytes * rings.get(t, tensor.rows)


def memory_plan(
    graph: Graph,
    schedule: Schedule,
    memories: tuple[RegionMemory, ...],
    solution: Solution,
) -> MemoryPlan:
    """Addresses from a solution; views and windows that share storage included."""
    rings = {t: ring for memory in memories for t, ring in memory.rings.items()}
    sizes = {name: solution.height_bytes[name] for name in (RAM, *solution.height_bytes)}
    used = [(name, size) for name, size in sizes.items() if size or len(sizes) == 1]
    number = {name: i for i, (name, _) in enumerate(used)}
    places = {n: Place(number.get(m, 0), offset) for n, (m, offset) in solution.offsets.items()}
    shared = {t: home for memory in memories for t, home in memory.shared.items()}
    storage = {}
    for t, root in storage_root(graph).items():
        tensor, home = graph.tensors[t], shared.get(root, root)
        if tensor.data is None and f"t{home}" in places:
            ring = _bytes(graph, home, rings) // tensor.row_bytes
            place = places[f"t{home}"]
            storage[t] = Storage(place.offset, tensor.row_bytes, ring, place.memory)
    scratch = {
        op.index: places[f"scratch{r}"]
        for r, region in enumerate(schedule.regions)
        for op in region.ops
        if f"scratch{r}" in places
    }
    accumulators = {
        index: places[f"acc{index}"]
        for region in schedule.regions
        for index in sorted(region.reduced)
    }
    return MemoryPlan(storage, scratch, accumulators, tuple(used), solution)


def region_bytes(problem: Problem, solution: Solution, regions: int) -> list[int]:
    """For each region the bytes in use while it runs; what two buffers share counts once."""
    return [
        sum(
            _covered(
                [
                    (solution.offsets[b.name][1], b.size_bytes)
                    for b in problem.buffers
                    if b.start <= r < b.end and solution.offsets[b.name][0] == memory.name
                ]
            )
            for memory in problem.memories
        )
        for r in range(regions)
    ]


def _covered(spans: list[tuple[int, int]]) -> int:
    """Bytes that lie in at least one of the spans (offset, size)."""
    total = end = 0
    for offset, size in sorted(spans):
        total += max(0, offset + size - max(end, offset))
        end = max(end, offset + size)
    return total
