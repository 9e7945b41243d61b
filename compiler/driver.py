# SPDX-License-Identifier: Apache-2.0
"""What the commands do: strings the stages together and writes what comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from netsuke.codegen.c_model import CModel, Optimize
from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.budget import plan_within
from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import ModelFile, load
from netsuke.compiler.ir import DType, Graph
from netsuke.compiler.ops.base import ConstArray, Isa
from netsuke.compiler.passes.pipeline import Dump, run_passes
from netsuke.compiler.passes.stream_planes import stream_planes
from netsuke.compiler.planning import Planned, Wishes
from netsuke.compiler.project import (
    MARKER,
    check_directory,
    fill_directory,
    runtime_files,
    temporary_directory,
    write_files,
)
from netsuke.compiler.report import compile_report
from netsuke.memory_planner import Memory
from netsuke.targets.firmware import Firmware, build_firmware
from netsuke.targets.layer_code import layer_code_bytes
from netsuke.targets.stack import CALL_GRAPH_FLAG, stack_bytes
from netsuke.targets.target import Target

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile. `observed` adds the calls that profile and trace."""

    optimize: Optimize = "speed"
    observed: bool = False
    wishes: Wishes = field(default_factory=Wishes)
    dump: Dump | None = None
    place: tuple[str, ...] = ()
    """Memories of the target, by name, that take what they can of the arena."""
    program: Path | None = None
    """A C file with a main that takes the agent's place in the firmware."""
    external_weights: bool = False
    """Weights go to external flash even where the target's own has room."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model on its way to a target: the graph as read, and as planned."""

    file: ModelFile
    source: Graph
    planned: Planned
    origin: Origin


def isa_of(target: Target) -> Isa:
    """The kernels that suit a target."""
    return "dsp" if target.isa.dsp else "portable"


def read_graph(model: Path, options: Options, progress: Progress) -> tuple[Graph, ModelFile, Graph]:
    """Reads and optimizes a model: the graph as read, its file, the graph to plan."""
    progress(f"reading {model.name}")
    source, file = load(model)
    graph = run_passes(source, options.dump)
    return source, file, stream_planes(graph) if options.wishes.streamed else graph


def compile_graph(model: Path, target: Target, options: Options, progress: Progress) -> Compiled:
    """Reads, optimizes and plans a model; writes nothing."""
    source, file, graph = read_graph(model, options, progress)
    progress(f"planning {len(graph.ops)} operators")
    planned = _plan(graph, target, options)
    origin = Origin(file.name, file.sha256, _real_edges(source, graph))
    return Compiled(file, source, planned, origin)


def _plan(graph: Graph, target: Target, options: Options) -> Planned:
    """A plan in one memory, unless others are asked for or one is not enough."""
    isa, wishes = isa_of(target), options.wishes
    more = {m.name.lower(): Memory(m.name, m.size_bytes, i) for i, m in enumerate(target.more_ram)}
    unknown = [name for name in options.place if name.lower() not in more]
    if unknown:
        got = "no such memory" if more else f"{target.name}, which has one RAM alone"
        want = ", ".join(more) or "a target with several"
        raise InputError(f"--place {unknown[0]}", got, want, "see netsuke targets")
    if options.place:
        chosen = tuple(more[name.lower()] for name in dict.fromkeys(options.place))
        return plan_within(graph, isa, replace(wishes, memories=chosen))
    planned = plan_within(graph, isa, wishes)
    if not more or planned.memory.arena_bytes + ROOM_BYTES <= target.ram_bytes:
        return planned
    return plan_within(graph, isa, replace(wishes, memories=tuple(more.values())))


ROOM_BYTES = 8192
"""Of the largest RAM for stack and other variables, before an arena is spread over several."""


def _real_edges(source: Graph, graph: Graph) -> frozenset[int]:
    """The int8 inputs and outputs of `graph` that are float32 in the model file."""
    pairs = zip((*source.inputs, *source.outputs), (*graph.inputs, *graph.outputs), strict=True)
    return frozenset(t for s, t in pairs if source.tensors[s].dtype is DType.FLOAT32)


def c_files(
    compiled: Compiled, options: Options, stack: int | None = None
) -> tuple[CModel, dict[str, str]]:
    """The model as C, and the files it and the runtime it needs consist of, by path.

    `stack` is the bound that the header states, where one is known.
    """
    model = lower(
        compiled.planned,
        compiled.origin,
        options.optimize,
        observed=options.observed,
        stack_bytes=stack,
    )
    return model, {**render(model), **runtime_files(model.kernel_sources)}


def build(
    compiled: Compiled, target: Target, directory: Path, options: Options, progress: Progress
) -> Firmware:
    """Writes the sources below `directory` and builds firmware with the agent beside them."""
    model, texts = c_files(compiled, options)
    files = write_files(directory, texts)
    sources = [p for p in files if p.suffix == ".c" and p.parent == directory]
    if options.program is not None:
        sources.remove(directory / f"{compiled.origin.name}_glue.c")
    if not model.inlined:
        sources += [p for p in files if p.suffix == ".c" and p.parent != directory]
    progress(f"building firmware for {target.title}")
    return build_firmware(
        sources,
        [directory, directory / "runtime"],
        target,
        directory / "firmware",
        # Literal sizes fold away at every level; -Os only leaves calls where nothing is shared.
        optimize="speed" if model.own_sources == model.kernel_sources else "size",
        defines={
            "NK_AGENT_LAYERS": str(len(compiled.planned.calls)),
            **_weights_section(compiled, target, options),
        },
        extra_flags=() if target.kind == "host" else (CALL_GRAPH_FLAG,),
        program=options.program,
    )


def over_budget(model: Path, target: Target, options: Options, progress: Progress) -> list[str]:
    """What of a model's needs a target does not have, one line each; arena and weights alone, so
    that no build is needed."""
    compiled = compile_graph(model, target, options, progress)
    arena, weights = compiled.planned.memory.memories[0][1], _weights_bytes(compiled)
    flash = target.flash_bytes + (target.external.size_bytes if target.external else 0)
    found = []
    if target.ram_bytes and arena > target.ram_bytes:
        found.append(f"RAM: got an arena of {arena:,} bytes, want at most {target.ram_bytes:,}")
    if flash and weights > flash:
        found.append(f"flash: got weights of {weights:,} bytes, want at most {flash:,}")
    return found


def _weights_bytes(compiled: Compiled) -> int:
    return sum(
        value.values.nbytes
        for call in compiled.planned.calls.values()
        for _, value in call.params
        if isinstance(value, ConstArray) and value.kind == "weights"
    )


def _weights_section(compiled: Compiled, target: Target, options: Options) -> dict[str, str]:
    """Weights go to external flash where they would fill the target's own, or are asked to."""
    if target.external is None:
        if options.external_weights:
            raise InputError("--external-weights", f"target {target.name}", "one with such flash")
        return {}
    own = _weights_bytes(compiled) <= target.flash_bytes * OWN_FLASH_SHARE
    return {} if own and not options.external_weights else {"NK_WEIGHTS_SECTION": _EXTERNAL}


_EXTERNAL = '".nk_weights_ext"'
OWN_FLASH_SHARE = 0.75
"""Of a target's own flash that weights may take; code, parameters and the agent need the rest."""


def _stack(compiled: Compiled, directory: Path) -> int | None:
    """The larger of what x_invoke and x_push_rows take."""
    graphs = sorted((directory / "firmware" / "obj").glob("model_*.ci"))
    name = compiled.origin.name
    found = [stack_bytes(graphs, f"{name}_{entry}") for entry in ("invoke", "push_rows")]
    return max((n for n in found if n is not None), default=None)


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
    check_directory(directory)
    compiled = compile_graph(model, target, options, progress)
    product, images = Product(), {}
    if firmware:
        product = build_product(compiled, target, options, progress)
        images = _firmware_files(compiled, target, options, progress)
    files = c_files(compiled, options, product.stack_bytes)[1] | images
    return write_project(directory, files, report_of(compiled, target, product))


def write_project(
    directory: Path, files: Mapping[str, str | bytes], report: dict[str, Any]
) -> dict[str, Any]:
    """Makes `directory` hold `files` and the report, to which their names are added; returns it."""
    report = report | {"files": list(files)}
    text = json.dumps(report, indent=2) + "\n"
    fill_directory(directory, {**files, MARKER: text})
    return report


@dataclass(frozen=True, slots=True)
class Product:
    """What was learnt from a build without the calls that profile and trace; nothing without one.

    `layer_code` has the bytes of each layer's own code.
    """

    firmware: Firmware | None = None
    stack_bytes: int | None = None
    layer_code: tuple[int, ...] = ()


def build_product(
    compiled: Compiled, target: Target, options: Options, progress: Progress
) -> Product:
    """Builds what a product would link, for its sizes and the stack it takes."""
    with temporary_directory() as directory:
        plain = replace(options, observed=False, program=None)
        built = build(compiled, target, directory, plain, progress)
        layers = len(compiled.planned.calls)
        code = () if target.kind == "host" else layer_code_bytes(built.elf, layers)
        return Product(built, _stack(compiled, directory), code)


def report_of(compiled: Compiled, target: Target, product: Product) -> dict[str, Any]:
    """The report of a compilation, without files."""
    return compile_report(
        compiled.source,
        compiled.planned,
        compiled.file,
        target,
        product.firmware,
        product.stack_bytes,
        product.layer_code,
    )


def _firmware_files(
    compiled: Compiled, target: Target, options: Options, progress: Progress
) -> dict[str, bytes]:
    """Builds the firmware that profiles and traces, or the product's: its images by path."""
    with temporary_directory() as directory:
        shown = replace(options, observed=options.program is None)
        built = build(compiled, target, directory, shown, progress)
        images = filter(None, (built.elf, built.bin, built.hex, built.external))
        return {f"firmware/{path.name}": path.read_bytes() for path in images}
