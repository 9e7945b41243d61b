# SPDX-License-Identifier: Apache-2.0
"""The command that shows a memory plan: inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show
from netsuke.console import emit, progress, quiet, report_errors
from netsuke.options import json_option, model_argument, plan_options, target_option

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.driver import Options


@click.command()
@model_argument
@target_option
@plan_options
@click.option(
    "--memory",
    "picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Write the picture as SVG.",
)
@json_option
@report_errors
def inspect(
    model: Path, target: str, options: Options, picture: Path | None, as_json: bool
) -> None:
    """Show what lies where in the arena while MODEL runs: addresses upwards, regions to the right.

    Buffers bear the names of the layers that write them; storage that an output takes from an
    input is marked, and so is the peak.
    """
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
