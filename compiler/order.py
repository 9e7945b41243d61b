# SPDX-License-Identifier: Apache-2.0
"""In which orders the operators of a graph may run, as states: sets of operators that have run.

A state is a bit mask over the operators in the order of the file; every operator in it has its
producers in it too (an ideal of the partial order). Each order is a path through states. Where a
graph has few states all of them are looked at, which makes the choice of the order exact; else the
states of the file's order and of one that a beam search prefers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.schedule import is_view

MORE_STATES = 150
"""States beyond those of one order up to which all are looked at: each costs simulated regions."""

BEAM = 8
"""States of one size that the beam search keeps."""


@dataclass(frozen=True, slots=True)
class States:
    """`masks` in the order of their size, the empty one first; `exact`: these are all there are."""

    masks: tuple[int, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Storage:
    """Who writes (0: a graph input) and reads a storage root, as masks, and whether it is kept to
    the end."""

    size_bytes: int
    writer: int
    readers: int
    kept: bool

    def alive(self, done: int) -> bool:
        """Whether it is written and will be read when the operators in `done` have run."""
        return self.writer & done == self.writer and (self.kept or bool(self.readers & ~done))

    def dies(self, done: int) -> bool:
        """Whether nothing needs it any more when the operators in `done` have run."""
        return not self.kept and not self.readers & ~done


def storages(
    graph: Graph, ops: Sequence[Op], root: Mapping[TensorId, TensorId], *, keep_input: bool
) -> dict[TensorId, Storage]:
    """The storage of all that is not constant, by root. `ops` are those that run."""
    writer = {root[t]: 0 for t in graph.inputs} | {
        op.outputs[0]: 1 << i for i, op in enumerate(ops)
    }
    readers = dict.fromkeys(writer, 0)
    for i, op in enumerate(ops):
        for t in graph.activation_inputs(op):
            readers[root[t]] |= 1 << i
    kept = {root[t] for t in (*graph.outputs, *(graph.inputs if keep_input else ()))}
    return {
        t: Storage(graph.tensors[t].size_bytes, writer[t], readers[t], t in kept) for t in writer
    }


def states_of(count: int, found: Mapping[TensorId, Storage]) -> States:
    """The states in which a graph of `count` operators may be cut."""
    before = [0] * count
    for storage in found.values():
        for i in _bits(storage.readers):
            before[i] |= storage.writer
    file_order = [(1 << n) - 1 for n in range(count + 1)]
    every = _all_states(before, count + 1 + MORE_STATES)
    if every is not None:
        return States(tuple(sorted(every, key=lambda m: (m.bit_count(), m))), exact=True)
    chosen = {*file_order, *_beam(before, tuple(found.values()))}
    return States(tuple(sorted(chosen, key=lambda m: (m.bit_count(), m))), exact=False)


def _all_states(before: Sequence[int], most: int) -> set[int] | None:
    """Every state, None where there are more than `most`."""
    seen, todo = {0}, [0]
    while todo:
        for state in _successors(todo.pop(), before):
            if state not in seen:
                seen.add(state)
                todo.append(state)
        if len(seen) > most:
            return None
    return seen


def _successors(state: int, before: Sequence[int]) -> Iterator[int]:
    for i, needed in enumerate(before):
        if not state >> i & 1 and not needed & ~state:
            yield state | 1 << i


def _beam(before: Sequence[int], found: Sequence[Storage]) -> list[int]:
    """The states of the order with the least peak of whole tensors that a beam search finds; where
    that is no better than the file's, of none."""

    def running(state: int, after: int) -> int:
        return sum(s.size_bytes for s in found if s.alive(state) or s.writer == after & ~state)

    count = len(before)
    file_peak = max(running((1 << n) - 1, (2 << n) - 1) for n in range(count))
    beam: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())}
    for _ in range(count):
        reached: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        for state, (peak, _, path) in beam.items():
            for after in _successors(state, before):
                alive = sum(s.size_bytes for s in found if s.alive(after))
                entry = (max(peak, running(state, after)), alive, (*path, after))
                reached[after] = min(reached.get(after, entry), entry)
        best = sorted(reached.items(), key=lambda item: (item[1], item[0]))[:BEAM]
        beam = dict(best)
    ((peak, _, path),) = beam.values()
    return list(path) if peak < file_peak else []


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


def in_order(graph: Graph, order: Sequence[Op]) -> Graph:
    """`graph` with its operators in `order`, each view right behind what it renames."""
    if [op.index for op in graph.ops if not is_view(op)] == [op.index for op in order]:
        return graph
    views: dict[TensorId, list[Op]] = {}
    for op in filter(is_view, graph.ops):
        assert op.inputs[0] is not None
        views.setdefault(op.inputs[0], []).append(op)
    ops: list[Op] = []

    def append_views(t: TensorId) -> None:
        waiting = [*reversed(views.get(t, ()))]
        while waiting:
            view = waiting.pop()
            ops.append(view)
            waiting += reversed(views.get(view.outputs[0], ()))

    for t in graph.inputs:
        append_views(t)
    for op in order:
        ops.append(op)
        append_views(op.outputs[0])
    return graph.replace(ops=ops)
