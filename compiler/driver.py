# SPDX-License-Identifier: Apache-2.0
"""What the commands do: strings the stages together and writes what comes out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netsuke.codegen.c_model import Optimize
from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.frontend import ModelFile, load
from netsuke.compiler.ir import DType, Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.passes.pipeline import Dump, run_passes
from netsuke.compiler.planning import Planned, plan
from netsuke.compiler.project import MARKER, claim_directory, runtime_files, write_files
from netsuke.compiler.report import compile_report
from netsuke.targets.target import Target
from netsuke.targets.toolchain import Firmware, build_firmware

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile. `observed` adds the calls that profile and trace."""

    optimize: Optimize = "speed"
    observed: bool = False
    planning_limit_s: float = 10.0
    dump: Dump | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model on its way to a target: the graph as read, and as planned."""

    file: ModelFile
    source: Graph
    planned: Planned
    origin: Origin


def isa_of(target: Target) -> Isa:
    """The kernels that suit a target."""
    return "dsp" if target.dsp else "portable"


def compile_graph(model: Path, target: Target, options: Options, progress: Progress) -> Compiled:
    """Reads, optimizes and plans a model; writes nothing."""
    progress(f"reading {model.name}")
    source, file = load(model)
    graph = run_passes(source, options.dump)
    progress(f"planning {len(graph.ops)} operators")
    planned = plan(graph, isa_of(target), options.planning_limit_s)
    origin = Origin(file.name, file.sha256, _real_edges(source, graph))
    return Compiled(file, source, planned, origin)


def _real_edges(source: Graph, graph: Graph) -> frozenset[int]:
    """The int8 inputs and outputs of `graph` that are float32 in the model file."""
    pairs = zip(
        (*source.inputs, *source.outputs), (*graph.inputs, *graph.outputs), strict=True
    )
    return frozenset(t for s, t in pairs if source.tensors[s].dtype is DType.FLOAT32)


def write_sources(compiled: Compiled, directory: Path, options: Options) -> list[Path]:
    """Writes the generated C and the runtime it needs; returns all files, sources first."""
    model = lower(
        compiled.planned, compiled.origin, options.optimize, observed=options.observed
    )
    return write_files(directory, {**render(model), **runtime_files(model.kernel_sources)})


def build(
    compiled: Compiled, target: Target, directory: Path, options: Options, progress: Progress
) -> tuple[list[Path], Firmware]:
    """Writes the sources below `directory` and builds firmware with the agent."""
    files = write_sources(compiled, directory, options)
    sources = [p for p in files if p.suffix == ".c" and p.parent == directory]
    if options.optimize == "size":
        sources += [p for p in files if p.suffix == ".c" and p.parent != directory]
    progress(f"building firmware for {target.name}")
    firmware = build_firmware(
        sources,
        [directory, directory / "runtime"],
        target,
        directory / "firmware",
        optimize=options.optimize,
    )
    return files, firmware


def compile_model(
    model: Path,
    target: Target,
    directory: Path,
    options: Options,
    progress: Progress,
    *,
    firmware: bool,
) -> dict[str, Any]:
    """`netsuke compile`: sources, firmware when asked for, report.json. Returns the report."""
    compiled = compile_graph(model, target, options, progress)
    claim_directory(directory)
    if firmware:
        files, built = build(compiled, target, directory, options, progress)
        files += [built.elf, built.bin]
    else:
        files, built = write_sources(compiled, directory, options), None
    report = compile_report(compiled.source, compiled.planned, compiled.file, target, built)
    report["files"] = [p.relative_to(directory).as_posix() for p in files]
    text = json.dumps(report, indent=2) + "\n"
    (directory / MARKER).write_text(text, encoding="utf-8")
    return report


def require_fit(report: dict[str, Any], ram_budget_bytes: int | None) -> None:
    """Raises AnswerNo when the planned RAM is over the budget."""
    total = report["ram"]["total_bytes"]
    if ram_budget_bytes is not None and total > ram_budget_bytes:
        raise AnswerNo(
            "--ram-budget", f"{total} bytes", f"at most {ram_budget_bytes}", "netsuke inspect --memory shows the peak"
        )


def with_observation(options: Options) -> Options:
    """The same options for firmware that profiles and traces."""
    return dataclasses.replace(options, observed=True)
