# SPDX-License-Identifier: Apache-2.0
"""How many instructions a kernel takes, estimated before anything is built, and which is chosen.

A sum of what a layer has to do, each weighed by a coefficient of its kernel. The coefficients are
fitted to counts of an emulated Cortex-M4: `python -m tests.bench.fit` writes estimates.toml.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netsuke.compiler.cost import op_macs
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.base import Isa, KernelCall
from netsuke.compiler.ops.registry import operator_of

COEFFICIENTS = Path(__file__).with_name("estimates.toml")

PARTS = ("macs", "reads", "outputs", "calls")
"""Multiply-accumulates; inputs under all windows, each once for every window (elsewhere, the
elements of the inputs); output elements; calls of the kernel."""

TYPICAL = (1.0, 1.0, 10.0, 100.0)
"""Weights of PARTS for kernels that were not measured."""

CLEARLY = 0.8
"""A portable kernel is chosen where it is estimated to take less than this share of the other's
instructions: layers so small that the other does not recover its preparations."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a layer has to do, in the order of PARTS."""

    macs: int
    reads: int
    outputs: int
    calls: int

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """As numbers to be weighed."""
        return self.macs, self.reads, self.outputs, self.calls


def work_of(graph: Graph, op: Op, block: int) -> Work:
    """The work of an operator that computes `block` rows in a call."""
    out, macs = graph.output(op), op_macs(graph, op)
    inputs = sum(graph.tensors[t].elements for t in graph.activation_inputs(op))
    reads = macs // out.shape[-1] if macs else inputs
    return Work(macs, reads, out.elements, -(-out.rows // block))


def kernel_name(call: KernelCall) -> str:
    """The kernel without what does not change its instructions much: conv_2d_dsp."""
    return re.sub(r"^nk_|(_signed|_once_\d+)?(_pixel)?_row$", "", call.function)


@functools.cache
def coefficients() -> Mapping[str, tuple[float, ...]]:
    """For each kernel the weights of PARTS."""
    tables = tomllib.loads(COEFFICIENTS.read_text(encoding="utf-8"))["kernels"]
    return {name: tuple(table[part] for part in PARTS) for name, table in tables.items()}


def estimate(call: KernelCall, work: Work) -> int | None:
    """Instructions of a layer, None for a kernel that was not measured."""
    weights = coefficients().get(kernel_name(call))
    if weights is None:
        return None
    return round(sum(w * part for w, part in zip(weights, work.parts, strict=True)))


def instructions(graph: Graph, op: Op, call: KernelCall, block: int) -> int:
    """Of a layer whose kernel need not have been measured: as good as a comparison of plans of one
    network needs."""
    work = work_of(graph, op, block)
    found = estimate(call, work)
    return found or round(sum(w * part for w, part in zip(TYPICAL, work.parts, strict=True)))


def alternatives(graph: Graph, op: Op, isa: Isa, block: int) -> dict[str, int]:
    """Estimated instructions of the kernels between which there is a choice, by name."""
    work, found = work_of(graph, op, block), {}
    for each in dict.fromkeys((isa, "portable")):
        call = operator_of(op.attrs).kernel(
            op.attrs, graph.input_tensors(op), graph.output(op), each, block
        )
        count = estimate(call, work)
        if count is not None:
            found[kernel_name(call)] = count
    return found


def prefers_portable(graph: Graph, op: Op, isa: Isa, block: int) -> bool:
    """Whether an operator clearly takes fewer instructions without the kernels of `isa`."""
    counts = list(alternatives(graph, op, isa, block).values())
    return len(counts) == 2 and counts[1] < CLEARLY * counts[0]
