# SPDX-License-Identifier: Apache-2.0
"""The command that shows a memory plan: inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show
from netsuke.compiler.errors import InputError
from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import OutputFile, json_option, model_argument, plan_options, target_option

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.driver import Options


@click.command(
    epilog=examples(
        "netsuke inspect model.tflite --memory memory.svg",
        "netsuke inspect model.tflite --input streamed --pareto --mac-overhead 1.5",
    )
)
@model_argument
@target_option
@plan_options
@click.option(
    "--memory",
    "picture",
    type=OutputFile(),
    metavar="FILE.svg",
    help="Write the picture as SVG.",
)
@click.option(
    "--ablation",
    is_flag=True,
    help="Instead: arena and instructions with and without running operators together, pushing "
    "the input in, and writing outputs over inputs. --input and --ram-budget do not matter then.",
)
@click.option(
    "--pareto",
    is_flag=True,
    help="Instead: arenas against multiply-accumulates, as more is computed again. --mac-overhead "
    "says how far to go; --ram-budget does not matter then.",
)
@click.option(
    "--plot",
    type=OutputFile(),
    metavar="FILE.svg",
    help="Write the points of --pareto as SVG.",
)
@json_option
@report_errors
def inspect(
    model: Path,
    target: str,
    options: Options,
    picture: Path | None,
    ablation: bool,
    pareto: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Show what lies where in the arena while MODEL runs.

    Addresses go upwards, regions to the right. Buffers bear the names of the layers that write
    them; storage that an output takes from an input is marked, and so is the peak.
    """
    if plot is not None and not pareto:
        raise InputError("--plot", "no --pareto", "both")
    if pareto and (ablation or picture is not None):
        raise InputError("--pareto", "--ablation or --memory as well", "one of them")
    if pareto:
        _pareto(model, target, options, plot, as_json)
        return
    if ablation:
        _ablation(model, target, options, picture, as_json)
        return
    from netsuke.compiler.driver import compile_graph
    from netsuke.compiler.inspection import inspection, named
    from netsuke.compiler.project import write_text
    from netsuke.memory_planner.render import svg
    from netsuke.targets.target import find_target

    log = quiet if as_json else progress
    planned = compile_graph(model, find_target(target), options, log).planned
    if picture is not None:
        write_text(picture, svg(*named(planned)))
    if as_json:
        emit(inspection(planned))
    else:
        show.memory(planned)


def _ablation(
    model: Path, target: str, options: Options, picture: Path | None, as_json: bool
) -> None:
    from netsuke.compiler.ablation import ablation
    from netsuke.targets.target import find_target

    if picture is not None:
        raise InputError("--ablation", "--memory as well", "one of them")
    found = ablation(model, find_target(target), options, quiet if as_json else progress)
    if as_json:
        emit(found)
    else:
        show.ablation(found)


def _pareto(model: Path, target: str, options: Options, plot: Path | None, as_json: bool) -> None:
    from netsuke.compiler.driver import isa_of, read_graph
    from netsuke.compiler.pareto import pareto, plotted, report
    from netsuke.compiler.project import write_text
    from netsuke.targets.target import find_target

    log, isa = quiet if as_json else progress, isa_of(find_target(target))
    _, file, graph = read_graph(model, options, log)
    points = pareto(graph, isa, options.wishes, log)
    if plot is not None:
        write_text(plot, plotted(file.name, points))
    if as_json:
        emit(report(file.name, points))
    else:
        show.pareto(points)
