# SPDX-License-Identifier: Apache-2.0
"""What each layer takes, on a board or in the emulator: counts, memory, flash, what bounds it."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netsuke.compiler.boards import Place, compile_for, input_bytes, measured_on, running
from netsuke.compiler.cost import op_macs
from netsuke.compiler.driver import (
    Compiled,
    Options,
    Product,
    Progress,
    build_product,
    report_of,
)
from netsuke.compiler.planning import Planned
from netsuke.compiler.roofline import Roof, roof
from netsuke.compiler.schedule import ops_in_order
from netsuke.compiler.validation import random_vectors
from netsuke.targets.agent import ProfileResult
from netsuke.targets.target import Target
from netsuke.targets.toolchain import has_compiler


@dataclass(frozen=True, slots=True)
class Profile:
    """A measured model: what was compiled, for what, and the JSON object of `netsuke profile`."""

    compiled: Compiled
    target: Target
    result: dict[str, Any]


def profile(
    model: Path, place: Place, options: Options, progress: Progress, *, seed: int, runs: int
) -> Profile:
    """`netsuke profile`: `runs` inferences, each of another random input.

    `step` of the result is what the counter advances at once, in the unit of the counts. `clock_hz`
    is what the firmware says that its core came up with; null where it says nothing. Flash is that
    of a build without the calls that count; null where nothing can be built.
    """
    compiled = compile_for(model, place, options, progress)
    with running(compiled, place, options, progress) as client:
        counts = []
        for vector in random_vectors(compiled.planned.graph, runs, seed):
            client.run(input_bytes(vector), paint=True)
            counts.append(client.profile())
            progress(f"run {len(counts)}/{runs}: {counts[-1].total:,} {counts[-1].unit}")
        source = measured_on(place, client)
        step = max(1, client.hello.milliunits_per_tick // 1000)
        clock_hz = client.hello.clock_hz or None
    target, product = place.runs_on, Product()
    if (target.board or target.kind == "host") and has_compiler(target.kind == "host"):
        product = build_product(compiled, target, options, progress)
    report = report_of(compiled, target, product)
    measured = profile_report(report, compiled.planned, counts)
    result = {"source": source, "step": step, "clock_hz": clock_hz, **measured}
    return Profile(compiled, target, result)


def profile_report(
    report: dict[str, Any], planned: Planned, counts: Sequence[ProfileResult]
) -> dict[str, Any]:
    """The JSON object of `netsuke profile` but for its source, step and clock: a compilation's
    report, with what each run counted. A count is the (lower) median of the runs."""
    totals, unit = _spread([run.total for run in counts]), counts[0].unit
    by_layer = zip(*(run.layers for run in counts), strict=True)
    rows = zip(report["layers"], by_layer, _roofs(planned), strict=True)
    layers = [
        {**layer, **_figures(_spread(count), layer["macs"], totals["count"], limit, unit)}
        for layer, count, limit in rows
    ]
    return {
        "model": report["model"],
        "target": report["target"],
        "unit": unit,
        "runs": len(counts),
        "total": totals["count"],
        "min": totals["min"],
        "max": totals["max"],
        "outside_layers": totals["count"] - sum(layer["count"] for layer in layers),
        "layers": layers,
        "ram": {
            **report["ram"],
            "arena_watermark_bytes": max(run.arena_watermark_bytes for run in counts),
            "stack_watermark_bytes": max(run.stack_watermark_bytes for run in counts),
        },
        "flash": report["flash"],
    }


def _spread(counts: Sequence[int]) -> dict[str, int]:
    return {"count": statistics.median_low(counts), "min": min(counts), "max": max(counts)}


def _figures(
    spread: dict[str, int], macs: int, total: int, limit: Roof, unit: str
) -> dict[str, Any]:
    count = spread["count"]
    known = count and limit.instructions and unit != "nanoseconds"
    return {
        **spread,
        "per_mac": round(count / macs, 4) if macs else None,
        "share": round(count / total, 6) if total else 0.0,
        "bound": limit.bound,
        "roof": limit.instructions,
        "of_roof": round(limit.instructions / count, 4) if known else None,
    }


def _roofs(planned: Planned) -> list[Roof]:
    """The roof of each layer, in the order of execution."""
    graph = planned.graph
    found = []
    for op in ops_in_order(planned.schedule):
        read = sum(graph.tensors[t].size_bytes for t in graph.activation_inputs(op))
        written, macs = graph.output(op).size_bytes, op_macs(graph, op)
        found.append(roof(planned.calls[op.index], macs, read, written))
    return found


CSV_COLUMNS = (
    "layer", "op", "macs", "count", "min", "max", "per_mac", "share", "bound", "of_roof",
    "code_bytes", "weights_bytes", "params_bytes",
)  # fmt: skip


def csv_text(result: dict[str, Any]) -> str:
    """A profile as comma-separated values: a row for each layer, counts in `unit` of the result.

    Empty where something is not known.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for layer in result["layers"]:
        writer.writerow({"layer": layer["name"], **layer, **layer["flash"]})
    return text.getvalue()
