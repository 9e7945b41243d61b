# SPDX-License-Identifier: Apache-2.0
"""When each row of each tensor is computed, and what memory that takes.

A schedule cuts the operators into regions. A region runs row by row: of all its operators that can
compute their next rows, the last one does. Tensors that live only inside a region are windows,
rings of as many rows as are alive at once; all others are whole. A region of one operator is plain
layer-by-layer execution. The timetable of a region is simulated here, row by row; ring sizes and
overwriting distances are read off the simulation, so they hold for any access pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netsuke.compiler.ir import Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Access, Rows, Whole
from netsuke.compiler.ops.registry import operator_of


@dataclass(frozen=True, slots=True)
class Region:
    """Operators that run together, row by row, in topological order."""

    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The regions in order of execution and, by operator index, the rows computed in one call."""

    regions: tuple[Region, ...]
    blocks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One kernel call: `op` computes rows [row, row + block) of its output."""

    op: Op
    row: int
    block: int


def storage_root(graph: Graph) -> dict[TensorId, TensorId]:
    """For each tensor the one whose bytes it shares: views share those of their input."""
    root = {t: t for t in graph.tensors}
    for op in graph.ops:
        if operator_of(op.attrs).is_view:
            source = op.inputs[0]
            assert source is not None
            root[op.outputs[0]] = root[source]
    return root


def is_view(op: Op) -> bool:
    """Whether `op` only renames bytes, so that nothing runs for it."""
    return operator_of(op.attrs).is_view


def accesses(graph: Graph, op: Op) -> tuple[tuple[TensorId, Access], ...]:
    """The computed inputs of `op` with what an output row reads of each."""
    patterns = operator_of(op.attrs).access(
        op.attrs, graph.input_tensors(op), graph.output(op)
    )
    pairs = zip(op.inputs, patterns, strict=True)
    return tuple((t, a) for t, a in pairs if t is not None and a is not None)


def rows_needed(access: Access, tensor: Tensor, row: int, block: int) -> int:
    """How many rows of `tensor` must exist before output rows [row, row + block) can run."""
    if isinstance(access, Whole):
        return tensor.rows
    return max(0, min(access.span(row + block - 1)[-1] + 1, tensor.rows))


def rows_dead(access: Access, tensor: Tensor, next_row: int, out_rows: int) -> int:
    """How many leading rows of `tensor` are dead for a reader about to compute `next_row`."""
    if next_row >= out_rows:
        return tensor.rows
    if isinstance(access, Whole):
        return 0
    return max(0, min(access.span(next_row)[0], tensor.rows))


class Progress:
    """How far each operator of a region has come; the one place that says what may run next."""

    def __init__(self, graph: Graph, region: Region, blocks: Mapping[int, int]) -> None:
        self.graph, self.region, self.blocks = graph, region, blocks
        self.root = storage_root(graph)
        self.reads = {op.index: accesses(graph, op) for op in region.ops}
        self.made = {op.outputs[0]: 0 for op in region.ops}

    def _available_rows(self, t: TensorId) -> int:
        root, tensor = self.root[t], self.graph.tensors[t]
        if root not in self.made:
            return tensor.rows
        return self.made[root] * self.graph.tensors[root].row_bytes // tensor.row_bytes

    def ready(self, op: Op) -> bool:
        row, block = self.made[op.outputs[0]], self.blocks[op.index]
        return row < self.graph.output(op).rows and all(
            self._available_rows(t) >= rows_needed(a, self.graph.tensors[t], row, block)
            for t, a in self.reads[op.index]
        )

    def steps(self) -> Iterator[Step]:
        """The kernel calls in order: of the operators that can run, the last one does.

        The generated C follows the same rule, so this is its order exactly. A step is counted as
        made when the next one is asked for.
        """
        backwards = self.region.ops[::-1]
        while (op := next(filter(self.ready, backwards), None)) is not None:
            out = op.outputs[0]
            yield Step(op, self.made[out], self.blocks[op.index])
            self.made[out] += self.blocks[op.index]
        assert all(n == self.graph.tensors[t].rows for t, n in self.made.items())

    def dead_bytes(self, root: TensorId, after: Step | None = None) -> int:
        """Leading bytes of storage `root` that no reader here needs, once step `after` is done."""
        dead = self.graph.tensors[root].size_bytes
        for op in self.region.ops:
            row = self.made[op.outputs[0]]
            row += after.block if after is not None and after.op is op else 0
            for t, access in self.reads[op.index]:
                if self.root[t] == root:
                    tensor = self.graph.tensors[t]
                    rows = rows_dead(access, tensor, row, self.graph.output(op).rows)
                    dead = min(dead, rows * tensor.row_bytes)
        return dead


@dataclass(frozen=True, slots=True)
class RegionMemory:
    """What a simulated region needs. Rows of windows, and bytes by which an output must lead.

    `rings[t]` is the rows that window t holds. `distances[out, in]` is the least number of bytes
    that whole tensor `out`, written here, must start before whole tensor `in`, which dies here.
    """

    rings: Mapping[TensorId, int]
    distances: Mapping[tuple[TensorId, TensorId], int]


def simulate(
    graph: Graph,
    region: Region,
    blocks: Mapping[int, int],
    windows: frozenset[TensorId],
    dying: frozenset[TensorId],
) -> RegionMemory:
    """Run a region's timetable on row counts alone.

    `windows` are its tensors that live only inside it, `dying` the whole tensors read here for the
    last time; both name storage roots.
    """
    progress = Progress(graph, region, blocks)
    rings = dict.fromkeys(windows, 1)
    whole = [op.outputs[0] for op in region.ops if op.outputs[0] not in windows]
    distances = {(o, i): -graph.tensors[i].size_bytes for o in whole for i in dying}
    for step in progress.steps():
        out = step.op.outputs[0]
        row_bytes = graph.tensors[out].row_bytes
        written = (step.row + step.block) * row_bytes
        if out in windows:
            alive = written - progress.dead_bytes(out)
            rings[out] = max(rings[out], -(-alive // row_bytes))
            continue
        for i in dying:
            in_place = _in_place(progress, step.op, i)
            gap = written - progress.dead_bytes(i, step if in_place else None)
            distances[out, i] = max(distances[out, i], gap)
    return RegionMemory(rings, distances)


def _in_place(progress: Progress, op: Op, root: TensorId) -> bool:
    """Whether the kernel of `op` may write an output row over the row of `root` that it reads."""
    graph = progress.graph
    roots = [None if t is None else progress.root[t] for t in op.inputs]
    positions = operator_of(op.attrs).in_place(
        op.attrs, graph.input_tensors(op), graph.output(op)
    )
    return roots.count(root) == 1 and any(roots[p] == root for p in positions)


def layer_by_layer(graph: Graph) -> Schedule:
    """Each operator a region of its own, in the order of the graph."""
    ops = tuple(op for op in graph.ops if not is_view(op))
    return Schedule(
        tuple(Region((op,)) for op in ops),
        {op.index: block_rows(graph, op, graph.output(op).rows) for op in ops},
    )


PIXELS_PER_CALL = 16
"""Row-local kernels work on several pixels at once; a call on fewer than this wastes set-up."""


def block_rows(graph: Graph, op: Op, limit: int) -> int:
    """Rows computed in one call: for row-local operators the least divisor that fills a call."""
    out = graph.output(op)
    operator = operator_of(op.attrs)
    if not operator.row_local(op.attrs, graph.input_tensors(op), out):
        return 1
    pixels = max(1, out.elements // out.rows // out.shape[-1])
    divisors = (b for b in range(1, limit + 1) if limit % b == 0)
    return next((b for b in divisors if b * pixels >= PIXELS_PER_CALL), limit)
