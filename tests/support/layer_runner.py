# SPDX-License-Identifier: Apache-2.0
"""Runs kernels alone on many layers: one sanitized program, layers as data, exact allocations.

Generated C is left out: what an operator says of itself (access pattern, parameters, scratch) is
carried to its kernel as it stands, which takes a thousandth of the time of a C compiler.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from netsuke.compiler.ir import Array, Graph, Op, Tensor, TensorId
from netsuke.compiler.ops.base import Access, ConstArray, Isa, KernelCall, Rows
from netsuke.compiler.ops.registry import accesses, operator_of
from tests.support.host import ROOT
from tests.support.host_batch import Kernels

ISAS: tuple[Isa, ...] = ("portable", "dsp", "dsp_lean", "dsp_least")

SPARE_BYTES = 12
"""At the end of the scratch of BATCH_MATMUL with DSP instructions, which says why."""

WRAPPERS = {
    "row": "const void *p, const int8_t *const *in, int8_t *out, void *scratch, int32_t row",
    "accumulate": "const void *p, const int8_t *in, int32_t *out",
    "finish": "const void *p, const int32_t *in, int8_t *out",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One way to compute a layer: a call, which input pointer the output overwrites (-1: none), or
    a reduction row by row. `want` is the output."""

    name: str
    call: KernelCall
    inputs: tuple[tuple[Tensor, Access, Array], ...]
    want: Array
    rows: int
    block: int
    overwritten: int
    reduced: bool

    def data(self, kernel: int) -> bytes:
        """The layer as layer_runner.c reads it."""
        out = struct.pack("<ii", kernel, len(self.call.params))
        for _, value in self.call.params:
            if isinstance(value, ConstArray):
                raw = np.ascontiguousarray(value.values).tobytes()
                out += struct.pack("<ii", 1, len(raw)) + raw
            else:
                out += struct.pack("<ii", 2, 0) if value is None else struct.pack("<ii", 0, value)
        out += struct.pack("<i", len(self.inputs))
        for tensor, access, values in self.inputs:
            out += _pattern(tensor, access) + values.tobytes()
        reduce = self.call.reduce.accumulator_bytes if self.call.reduce and self.reduced else 0
        row_bytes = self.want.size // self.rows
        scratch = self.call.scratch_bytes
        numbers = (self.rows, row_bytes, self.block, scratch, self.overwritten, reduce)
        return out + struct.pack("<6i", *numbers)


def _pattern(tensor: Tensor, access: Access) -> bytes:
    rows = access if isinstance(access, Rows) else Rows(num=0)
    numbers = (not isinstance(access, Rows), rows.num, rows.den, rows.lo, rows.count, rows.step)
    edge = (rows.edge == "null", tensor.q.zero_point, tensor.rows, tensor.row_bytes)
    return struct.pack("<10i", *map(int, (*numbers, *edge)))


def runs_of(
    graph: Graph, values: dict[TensorId, Array], rng: np.random.Generator, isas: Sequence[Isa]
) -> Iterator[Run]:
    """All ways to compute the operators of `graph`, given the values of its tensors."""
    for op in graph.ops:
        if operator_of(op.attrs).is_view:
            continue
        block = _block(graph, op, rng)
        calls: list[KernelCall] = []
        for isa in isas:
            plain = _run(graph, op, values, isa, block)
            if any(_equal(plain.call, call) for call in calls):
                continue
            calls.append(plain.call)
            yield plain
            if plain.call.reduce is not None:
                yield replace(plain, reduced=True)
            yield from (replace(plain, overwritten=i) for i in _overwritten(graph, op, plain))


def _equal(a: KernelCall, b: KernelCall) -> bool:
    """Whether two calls of one operator are the same; equal names and sizes mean equal arrays."""
    literals = [tuple(v for _, v in c.params if isinstance(v, int)) for c in (a, b)]
    return (a.function, a.scratch_bytes, literals[0]) == (b.function, b.scratch_bytes, literals[1])


def _block(graph: Graph, op: Op, rng: np.random.Generator) -> int:
    """How many rows a call computes: a divisor of all, where the operator takes several."""
    given = graph.input_tensors(op), graph.output(op)
    rows = given[1].rows
    if not operator_of(op.attrs).row_local(op.attrs, *given):
        return 1
    return int(rng.choice([n for n in range(1, rows + 1) if rows % n == 0]))


def _run(graph: Graph, op: Op, values: dict[TensorId, Array], isa: Isa, block: int) -> Run:
    operator, out = operator_of(op.attrs), graph.output(op)
    inputs = tuple((graph.tensors[t], a, values[t]) for t, a in accesses(graph, op))
    call = operator.kernel(op.attrs, graph.input_tensors(op), out, isa, block)
    name = f"seed {graph.name}: {operator.name} {isa}"
    return Run(name, call, inputs, values[op.outputs[0]], out.rows, block, -1, False)


def _overwritten(graph: Graph, op: Op, run: Run) -> list[int]:
    """Pointers whose row the output may take, as the operator says."""
    given = graph.input_tensors(op)
    allowed = operator_of(op.attrs).in_place(op.attrs, given, graph.output(op))
    found, pointer, row_bytes = [], 0, run.want.size // run.rows
    for t, access in accesses(graph, op):
        single = isinstance(access, Rows) and access.num > 0 and access.count == 1
        if op.inputs.index(t) in allowed and single and graph.tensors[t].row_bytes == row_bytes:
            found.append(pointer)
        pointer += access.count if isinstance(access, Rows) else 1
    return found


def mismatches(runs: Sequence[Run], directory: Path, kernels: Kernels) -> list[str]:
    """Runs all; names those of which a byte differs, or that leave the end of their scratch alone.
    What a sanitizer says fails at once."""
    by_reduction = sorted(runs, key=lambda r: r.call.reduce is not None)
    table = sorted({r.call.function: r.call for r in by_reduction}.items())
    index = {name: i for i, (name, _) in enumerate(table)}
    program = _build([call for _, call in table], directory, kernels)
    data = b"".join(r.data(index[r.call.function]) for r in runs)
    done = subprocess.run([str(program)], input=data, capture_output=True, check=False)
    found, at = [], 0
    for run in runs:
        got = np.frombuffer(done.stdout, np.int8, min(run.want.size, len(done.stdout) - at), at)
        at += got.size
        assert got.size == run.want.size, f"{run.name}: {done.stderr.decode()[-4000:]}"
        if not np.array_equal(got, run.want.ravel()):
            found.append(run.name)
        (unwritten,) = struct.unpack("<i", done.stdout[at : at + 4])
        at += 4
        if unwritten > _spare_bytes(run):
            found.append(f"{run.name}: {unwritten} bytes of scratch are never written")
    assert done.returncode == 0 and at == len(done.stdout), done.stderr.decode()[-4000:]
    return found


def _spare_bytes(run: Run) -> int:
    """What may be left alone at the end of scratch. BATCH_MATMUL says why; a byte that a kernel
    writes may be what was there by chance, a word hardly."""
    return SPARE_BYTES if run.call.header == "batch_matmul_dsp" else 3


def _build(calls: Sequence[KernelCall], directory: Path, kernels: Kernels) -> Path:
    lines = [f'#include "netsuke/{header}.h"' for header in sorted({c.header for c in calls})]
    for i, call in enumerate(calls):
        row = ", row" if call.takes_row else ""
        lines += _wrapper("row", i, f"{call.function}(p, in, out, scratch{row})", not row)
        if call.reduce is not None:
            lines += _wrapper("accumulate", i, f"{call.reduce.accumulate}(p, in, out)")
            lines += _wrapper("finish", i, f"{call.reduce.finish}(p, in, out)")
    entries = [
        f"{{row{i}, {f'accumulate{i}, finish{i}' if c.reduce else 'NULL, NULL'}}},"
        for i, c in enumerate(calls)
    ]
    lines += ["static const kernel kernels[] = {", *entries, "};"]
    (directory / "layer_table.h").write_text("\n".join(lines) + "\n")
    sources = sorted({c.source for c in calls})
    return kernels.program([ROOT / "tests/support/layer_runner.c"], sources, directory)


def _wrapper(kind: str, i: int, call: str, ignores_row: bool = False) -> list[str]:
    ignored = "    (void)row;" if ignores_row else ""
    return [f"static void {kind}{i}({WRAPPERS[kind]})", "{", ignored, f"    {call};", "}"]
