# SPDX-License-Identifier: Apache-2.0
"""When each row of each tensor is computed.

A schedule cuts the operators into regions. A region runs row by row: of all its operators that can
compute their next rows, the last one does. Tensors that live only inside a region are windows,
rings of as many rows as are alive at once; all others are whole. A region of one operator is plain
layer-by-layer execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netsuke.compiler.ir import Graph, Op, TensorId
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.ops.registry import operator_of


@dataclass(frozen=True, slots=True)
class Region:
    """Operators that run together, row by row, in topological order.

    `stream` is the graph input that the caller pushes row by row into this region, if any.
    `reduced` holds the indices of the operators that consume their input row by row into
    accumulators instead of reading all of it at the end.
    """

    ops: tuple[Op, ...]
    stream: TensorId | None = None
    reduced: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Schedule:
    """The regions in order of execution and, by operator index, the rows computed in one call."""

    regions: tuple[Region, ...]
    blocks: Mapping[int, int]
    isas: Mapping[int, Isa] = field(default_factory=dict)
    """By operator index, the kernels of operators that differ from the others'."""
    exact_order: bool = False
    least_peak_bytes: int = 0
    """No schedule of these operators and kernels has a lower peak. It is the least peak of all
    orders and cuts where the order is exact, else a bound."""


def storage_root(graph: Graph) -> dict[TensorId, TensorId]:
    """For each tensor the one whose bytes it shares: views share those of their input."""
    root = {t: t for t in graph.tensors}
    for op in graph.ops:
        if is_view(op):
            source = op.inputs[0]
            assert source is not None
            root[op.outputs[0]] = root[source]
    return root


def is_view(op: Op) -> bool:
    """Whether `op` only renames bytes, so that nothing runs for it."""
    return operator_of(op.attrs).is_view


def ops_in_order(schedule: Schedule) -> tuple[Op, ...]:
    """All operators that run, in the order of the regions: the layers of a report."""
    return tuple(op for region in schedule.regions for op in region.ops)


PIXELS_PER_CALL = 18
"""Row-local kernels work on several pixels at once; a call on fewer than this wastes set-up. A
multiple of the three that convolutions take."""


def block_rows(graph: Graph, op: Op, pixels: int) -> int:
    """Rows computed in one call: for row-local operators as few as have `pixels` pixels.

    The last call of an operator may have fewer rows.
    """
    out, operator = graph.output(op), operator_of(op.attrs)
    if not operator.row_local(op.attrs, graph.input_tensors(op), out):
        return min(out.rows, operator.rows_per_call(op.attrs))
    per_row = max(1, out.elements // out.rows // out.shape[-1])
    return min(out.rows, -(-pixels // per_row))


def layer_by_layer(graph: Graph) -> Schedule:
    """Each operator a region of its own, in the order of the graph."""
    ops = tuple(op for op in graph.ops if not is_view(op))
    return Schedule(
        tuple(Region((op,)) for op in ops),
        {op.index: block_rows(graph, op, PIXELS_PER_CALL) for op in ops},
    )
