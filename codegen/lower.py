# SPDX-License-Identifier: Apache-2.0
"""Graph + schedule + memory plan -> CModel: the last place where anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from netsuke import __version__
from netsuke.codegen.c_model import (
    CArray,
    CEdge,
    CLayer,
    CModel,
    CReduction,
    CRegion,
    CRows,
    CStep,
    CStream,
    CTail,
    Optimize,
)
from netsuke.compiler.buffers import MemoryPlan
from netsuke.compiler.ir import Array, DType, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Access, ConstArray, KernelCall, ParamValue, Rows, Whole
from netsuke.compiler.ops.registry import accesses, operator_of
from netsuke.compiler.planning import Planned
from netsuke.compiler.schedule import Region, Schedule, ops_in_order, storage_root

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The model file that a graph was read from. `real` holds its float32 inputs and outputs."""

    name: str
    sha256: str
    real: frozenset[TensorId]


class _Arrays:
    """Names the constant arrays of a model, each distinct content once."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.by_content: dict[tuple[str, str, bytes], CArray] = {}

    def name(self, array: ConstArray) -> str:
        values = np.ascontiguousarray(array.values).ravel()
        key = (array.kind, values.dtype.name, values.tobytes())
        if key not in self.by_content:
            letter = "w" if array.kind == "weights" else "q"
            count = sum(a.section == _section(array.kind) for a in self.by_content.values())
            self.by_content[key] = CArray(
                f"{self.prefix}_{letter}{count}",
                C_TYPES[values.dtype.name],
                _section(array.kind),
                values,
            )
        return self.by_content[key].name


def _section(kind: str) -> Literal["NK_WEIGHTS", "NK_PARAMS"]:
    return "NK_WEIGHTS" if kind == "weights" else "NK_PARAMS"


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
    kernels = (*planned.calls.values(), *planned.tails.values())
    arrays = _Arrays(origin.name)
    edges = _edge_rows(graph, schedule, arrays)
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
        arena_bytes=plan.arena_bytes,
        headers=tuple(sorted({f"netsuke/{c.header}.h" for c in kernels})),
        kernel_sources=tuple(sorted({c.source for c in kernels})),
        inlined=optimize == "speed",
        weights=tuple(arrays.by_content.values()),
        layers=layers,
        regions=regions,
        streamed=regions[0] if schedule.regions[0].stream is not None else None,
        inputs=_edges(graph, graph.inputs, plan, origin),
        outputs=_edges(graph, graph.outputs, plan, origin),
        observed=observed,
        stack_bytes=stack_bytes,
    )


def _layer(
    planned: Planned, op: Op, index: int, arrays: _Arrays, edges: Mapping[int, str]
) -> CLayer:
    graph, plan, call = planned.graph, planned.memory, planned.calls[op.index]
    reduction = _reduction(planned, op)
    block = planned.schedule.blocks[op.index]
    out, place = graph.output(op), plan.storage[op.outputs[0]]
    inputs: list[CRows] = []
    pointers = 0
    for t, access in accesses(graph, op):
        wanted = Rows() if reduction else access
        inputs.append(_rows(graph, t, wanted, out.rows, pointers, plan, edges))
        pointers += inputs[-1].count
    return CLayer(
        index=index,
        comment=_comment(graph, op),
        struct=call.struct,
        params=_params(call, arrays),
        function=call.function,
        inputs=tuple(inputs),
        pointers=max(1, pointers),
        out_base=place.offset,
        out_row_bytes=place.row_bytes,
        out_ring=place.ring,
        out_rows=out.rows,
        block=block,
        scratch=f"arena + {plan.scratch[op.index]}" if call.scratch_bytes else "NULL",
        row_argument=", row" if call.takes_row else "",
        reduction=reduction,
        tail=_tail(planned, op, block, arrays),
    )


def _params(call: KernelCall, arrays: _Arrays) -> tuple[tuple[str, str], ...]:
    return tuple((field, _literal(value, arrays)) for field, value in call.params)


def _tail(planned: Planned, op: Op, block: int, arrays: _Arrays) -> CTail | None:
    if op.index not in planned.tails:
        return None
    call, rows = planned.tails[op.index], planned.graph.output(op).rows
    rest = rows % block
    return CTail(
        row=rows - rest,
        block=rest,
        struct=call.struct,
        params=_params(call, arrays),
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
        planned.memory.accumulators[op.index],
        call.accumulator_bytes,
        planned.graph.tensors[t].rows,
    )


def _rows(
    graph: Graph,
    t: TensorId,
    access: Access,
    out_rows: int,
    first: int,
    plan: MemoryPlan,
    edges: Mapping[int, str],
) -> CRows:
    tensor, place = graph.tensors[t], plan.storage[t]
    rows = Rows(num=0) if isinstance(access, Whole) else access
    outside = not isinstance(access, Whole) and _leaves(rows, tensor, out_rows)
    edge = "NULL" if rows.edge == "null" else edges.get(tensor.q.zero_point, "")
    return CRows(
        first=first,
        count=rows.count,
        step=rows.step,
        base=place.offset,
        row_bytes=place.row_bytes,
        ring=place.ring,
        rows=tensor.rows,
        first_row=_row_expression(rows),
        edge=edge if outside else "",
    )


def _leaves(rows: Rows, tensor: Tensor, out_rows: int) -> bool:
    """Whether some output row reads a row outside the tensor."""
    last = rows.span(out_rows - 1)
    return rows.span(0)[0] < 0 or last[-1] >= tensor.rows


def _row_expression(rows: Rows) -> str:
    """C text of the first input row that output row `row` reads."""
    if rows.num == 0:
        return str(rows.lo)
    text = "row" if rows.num == 1 else f"row * {rows.num}"
    text = text if rows.den == 1 else f"{text} / {rows.den}"
    return text if rows.lo == 0 else f"{text} {'+' if rows.lo > 0 else '-'} {abs(rows.lo)}"


def _edge_rows(graph: Graph, schedule: Schedule, arrays: _Arrays) -> dict[int, str]:
    """For each zero point that is read beyond an edge, the array of zero points as long as the
    longest such row."""
    longest: dict[int, int] = {}
    for op in ops_in_order(schedule):
        out_rows = graph.output(op).rows
        for t, access in accesses(graph, op):
            tensor = graph.tensors[t]
            if isinstance(access, Whole) or access.edge == "null":
                continue
            if _leaves(access, tensor, out_rows):
                zero = tensor.q.zero_point
                longest[zero] = max(longest.get(zero, 0), tensor.row_bytes)
    return {
        zero: arrays.name(ConstArray(np.full(size, zero, np.int8)))
        for zero, size in sorted(longest.items())
    }


def _literal(value: ParamValue, arrays: _Arrays) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, ConstArray):
        return arrays.name(value)
    return int32_literal(value)


def int32_literal(value: int) -> str:
    """C text of a 32-bit number; the least one has no literal of its own."""
    return "INT32_MIN" if value == -(2**31) else str(value)


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
    return CStream(place.offset, place.row_bytes, place.ring, rows)


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
                tests.append(_available(access, made, me, block, written[root[t]]))
    return " && ".join(tests)


def _sums(graph: Graph, region: Region) -> dict[TensorId, int]:
    """The outputs of the reductions of a region, with the rows each takes in."""
    return {
        op.outputs[0]: graph.tensors[accesses(graph, op)[0][0]].rows
        for op in region.ops
        if op.index in region.reduced
    }


def _available(access: Access, rows: int, me: str, block: int, other: str) -> str:
    """C text: `other` rows made are enough for output rows [me, me + block).

    Blocks that do not divide the rows count beyond them in the end.
    """
    if isinstance(access, Whole):
        return f"{other} >= {rows}"
    last = access.lo + (access.count - 1) * access.step + 1
    if access.num == 0:
        return f"{other} >= {min(last, rows)}"
    if access.den == 1:
        need = f"{me} * {access.num} + {access.num * (block - 1) + last}"
    else:
        need = f"({me} + {block - 1}) * {access.num} / {access.den} + {last}"
    return f"({other} >= {need} || {other} >= {rows})"


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
        tensor=tensor.name,
        shape="x".join(map(str, tensor.shape)),
        size_bytes=tensor.size_bytes,
        offset=plan.storage[t].offset,
        scale=float_literal(tensor.q.scale),
        zero_point=tensor.q.zero_point,
        real=real,
        elements=tensor.elements,
    )


def float_literal(value: float) -> str:
    """C text that reads back as this float32."""
    text = np.format_float_scientific(np.float32(value), unique=True, trim="0", exp_digits=2)
    return f"{text}f"


def _comment(graph: Graph, op: Op) -> str:
    def describe(t: TensorId) -> str:
        tensor = graph.tensors[t]
        shape = "x".join(map(str, tensor.shape))
        if tensor.quant is None or tensor.quant.axis is not None:
            return shape
        return f"{shape} ({tensor.q.scale:.6g}, {tensor.q.zero_point:+d})"

    inputs = ", ".join(describe(t) for t in graph.activation_inputs(op))
    return f"{operator_of(op.attrs).name} {inputs} -> {describe(op.outputs[0])}"


def array_text(values: Array, indent: str = "    ", width: int = 96) -> str:
    """The numbers of an array as lines of C."""
    lines: list[str] = []
    line = indent
    for number in values.tolist():
        item = f"{int32_literal(number)},"
        if len(line) + len(item) > width:
            lines.append(line)
            line = indent
        line += item
    return "\n".join([*lines, line])
