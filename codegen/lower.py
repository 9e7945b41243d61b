# SPDX-License-Identifier: Apache-2.0
"""Graph + schedule + memory plan -> CModel: the last place where anything is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netsuke import __version__
from netsuke.codegen.c_model import (
    CEdge,
    CLayer,
    CMemory,
    CModel,
    CReduction,
    CRegion,
    CRows,
    CStep,
    CStream,
    CTail,
    Optimize,
)
from netsuke.codegen.literals import Arrays, float_literal, parameters
from netsuke.codegen.patches import lower_patch
from netsuke.codegen.rows import Read, address, available, edge_rows, row_pointers
from netsuke.compiler.buffers import MemoryPlan
from netsuke.compiler.ir import DType, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Rows
from netsuke.compiler.ops.registry import accesses, operator_of
from netsuke.compiler.planning import Planned
from netsuke.compiler.schedule import Region, ops_in_order, storage_root


@dataclass(frozen=True, slots=True)
class Origin:
    """The model file that a graph was read from. `real` holds its float32 inputs and outputs."""

    name: str
    sha256: str
    real: frozenset[TensorId]


OWN_IN_SIZE = frozenset({"kernels_dsp/fully_connected.c"})
"""Kernels of which each layer gets a copy even where code is to be small: literal sizes leave out
one of two large cores, which is more than ten copies of the little around them."""


def lower(
    planned: Planned,
    origin: Origin,
    optimize: Optimize,
    *,
    observed: bool,
    stack_bytes: int | None = None,
) -> CModel:
    """The C model of a planned graph.

    `observed` adds the calls that profile and trace; products are built without.
    """
    graph, schedule, plan = planned.graph, planned.schedule, planned.memory
    calls = (*planned.calls.values(), *planned.tails.values())
    kernels = [kernel for call in calls for kernel in call.kernels]
    sources = tuple(sorted({c.source for c in kernels}))
    own = {"speed": frozenset(sources), "size": OWN_IN_SIZE, "shared": frozenset[str]()}[optimize]
    arrays = Arrays(origin.name)
    edges = edge_rows(_reads(planned), arrays)
    ops = ops_in_order(schedule)
    position = {op.index: i for i, op in enumerate(ops)}
    layers = tuple(_layer(planned, op, i, arrays, edges) for i, op in enumerate(ops))
    regions = tuple(
        _region(planned, r, region, position) for r, region in enumerate(schedule.regions)
    )
    return CModel(
        name=origin.name,
        macro=origin.name.upper(),
        version=__version__,
        source=f"{origin.name}.tflite",
        sha256=origin.sha256,
        memories=tuple(CMemory.of(name, size) for name, size in plan.memories),
        kernel_sources=sources,
        own_sources=tuple(s for s in sources if s in own),
        once_sources=tuple(s for s in sources if s not in own and optimize != "shared"),
        headers=tuple(sorted({f"netsuke/{c.header}.h" for c in kernels}))
        if optimize == "shared"
        else (),
        weights=tuple(arrays.by_content.values()),
        weights_crc=arrays.crc(),
        layers=layers,
        regions=regions,
        streamed=regions[0] if schedule.regions[0].stream is not None else None,
        inputs=_edges(graph, graph.inputs, plan, origin),
        outputs=_edges(graph, graph.outputs, plan, origin),
        observed=observed,
        stack_bytes=stack_bytes,
    )


def _reads(planned: Planned) -> Iterator[Read]:
    """Everything that kernels read row by row."""
    graph = planned.graph
    for op in ops_in_order(planned.schedule):
        patch = planned.calls[op.index].patch
        if patch is None:
            yield from (
                (a, graph.tensors[t], graph.output(op).rows) for t, a in accesses(graph, op)
            )
        else:
            steps = (step for tile in patch.tiles for step in tile.steps)
            yield from ((step.access, step.source, step.out.rows) for step in steps)


def _layer(
    planned: Planned, op: Op, index: int, arrays: Arrays, edges: Mapping[int, str]
) -> CLayer:
    graph, plan, call = planned.graph, planned.memory, planned.calls[op.index]
    reduction = _reduction(planned, op)
    block = planned.schedule.blocks[op.index]
    out, place = graph.output(op), plan.storage[op.outputs[0]]
    inputs: list[CRows] = []
    pointers = 0
    patch = (
        None if call.patch is None else lower_patch(planned, op, call.patch, index, arrays, edges)
    )
    for t, access in accesses(graph, op) if patch is None else ():
        read = (Rows() if reduction else access, graph.tensors[t], out.rows)
        kept = plan.storage[t]
        inputs.append(
            row_pointers(read, pointers, address(plan, kept), kept.row_bytes, kept.ring, edges)
        )
        pointers += inputs[-1].count
    return CLayer(
        index=index,
        comment=_comment(graph, op),
        struct=call.struct,
        params=parameters(call, arrays),
        function=call.function,
        inputs=tuple(inputs),
        pointers=max(1, pointers),
        out_base=address(plan, place),
        out_row_bytes=place.row_bytes,
        out_ring=place.ring,
        out_rows=out.rows,
        block=block,
        scratch=address(plan, plan.scratch[op.index]) if call.scratch_bytes else "NULL",
        row_argument=", row" if call.takes_row else "",
        reduction=reduction,
        tail=_tail(planned, op, block, arrays),
        patch=patch,
    )


def _tail(planned: Planned, op: Op, block: int, arrays: Arrays) -> CTail | None:
    if op.index not in planned.tails or planned.tails[op.index].patch is not None:
        return None
    call, rows = planned.tails[op.index], planned.graph.output(op).rows
    rest = rows % block
    return CTail(
        row=rows - rest,
        block=rest,
        struct=call.struct,
        params=parameters(call, arrays),
        function=call.function,
        row_argument=", row" if call.takes_row else "",
    )


def _reduction(planned: Planned, op: Op) -> CReduction | None:
    if op.index not in planned.memory.accumulators:
        return None
    call = planned.calls[op.index].reduce
    assert call is not None
    ((t, _),) = accesses(planned.graph, op)
    return CReduction(
        call.accumulate,
        call.finish,
        address(planned.memory, planned.memory.accumulators[op.index]),
        call.accumulator_bytes,
        planned.graph.tensors[t].rows,
    )


def _region(planned: Planned, index: int, region: Region, position: Mapping[int, int]) -> CRegion:
    graph, schedule = planned.graph, planned.schedule
    root = storage_root(graph)
    written = {op.outputs[0]: f"row_{position[op.index]}" for op in region.ops}
    if region.stream is not None:
        written[region.stream] = "pushed"
    steps = tuple(
        CStep(
            position[op.index],
            _condition(graph, op, schedule.blocks[op.index], root, written, region),
            1 if op.index in region.reduced else schedule.blocks[op.index],
        )
        for op in reversed(region.ops)
    )
    layers = tuple(position[op.index] for op in region.ops)
    return CRegion(index, steps, layers, _stream(planned, region))


def _stream(planned: Planned, region: Region) -> CStream | None:
    if region.stream is None:
        return None
    place = planned.memory.storage[region.stream]
    rows = planned.graph.tensors[region.stream].rows
    return CStream(f"model->{address(planned.memory, place)}", place.row_bytes, place.ring, rows)


def _condition(
    graph: Graph,
    op: Op,
    block: int,
    root: Mapping[TensorId, TensorId],
    written: Mapping[TensorId, str],
    region: Region,
) -> str:
    """C text: rows are left to compute, and the rows they need have been made here."""
    me, reads, sums = written[op.outputs[0]], accesses(graph, op), _sums(graph, region)
    rows = graph.output(op).rows
    if op.index in region.reduced:
        reads, rows = tuple((t, Rows()) for t, _ in reads), graph.tensors[reads[0][0]].rows
    tests = [f"{me} < {rows}"]
    for t, access in reads:
        if root[t] in written:
            made = graph.tensors[root[t]].rows
            assert made == graph.tensors[t].rows, "a view inside a region keeps its rows"
            if root[t] in sums:  # counts rows taken in; its output appears with the last of them
                tests.append(f"{written[root[t]]} == {sums[root[t]]}")
            else:
                tests.append(available(access, made, me, block, written[root[t]]))
    return " && ".join(tests)


def _sums(graph: Graph, region: Region) -> dict[TensorId, int]:
    """The outputs of the reductions of a region, with the rows each takes in."""
    return {
        op.outputs[0]: graph.tensors[accesses(graph, op)[0][0]].rows
        for op in region.ops
        if op.index in region.reduced
    }


def _edges(
    graph: Graph, ids: Sequence[TensorId], plan: MemoryPlan, origin: Origin
) -> tuple[CEdge, ...]:
    return tuple(
        _edge(graph.tensors[t], "" if len(ids) == 1 else f"_{i}", plan, t, t in origin.real)
        for i, t in enumerate(ids)
    )


def _edge(tensor: Tensor, suffix: str, plan: MemoryPlan, t: TensorId, real: bool) -> CEdge:
    assert tensor.dtype is DType.INT8, tensor.name
    return CEdge(
        suffix=suffix,
        shape="x".join(map(str, tensor.shape)),
        size_bytes=tensor.size_bytes,
        address=f"model->{address(plan, plan.storage[t])}",
        scale=float_literal(tensor.q.scale),
        zero_point=tensor.q.zero_point,
        real=real,
        elements=tensor.elements,
    )


def _comment(graph: Graph, op: Op) -> str:
    def describe(t: TensorId) -> str:
        tensor = graph.tensors[t]
        shape = "x".join(map(str, tensor.shape))
        if tensor.quant is None or tensor.quant.axis is not None:
            return shape
        return f"{shape} ({tensor.q.scale:.6g}, {tensor.q.zero_point:+d})"

    inputs = ", ".join(describe(t) for t in graph.activation_inputs(op))
    name = operator_of(op.attrs).title(op.attrs, "").strip()
    return f"{name} {inputs} -> {describe(op.outputs[0])}"
