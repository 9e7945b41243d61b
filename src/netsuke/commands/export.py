# SPDX-License-Identifier: Apache-2.0
"""The command that makes packages for products: export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show
from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import json_option, model_argument, plan_options, target_option

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.driver import Options

KINDS = (
    "sources",
    "amalgamation",
    "cmake",
    "make",
    "platformio",
    "arduino",
    "zephyr",
    "cubeide",
    "cmsis-pack",
)


@click.command(
    epilog=examples(
        "netsuke export model.tflite -t stm32f446re -o model",
        "netsuke export model.tflite -t stm32f446re -o model --as cmake",
    )
)
@model_argument
@target_option
@click.option(
    "--as",
    "kind",
    type=click.Choice(KINDS),
    default="amalgamation",
    show_default=True,
    help="amalgamation: one .c and one .h. sources: generated files and runtime one by one. "
    "The others: the amalgamation as a package of that build system or IDE.",
)
@click.option(
    "-o",
    "--output",
    "directory",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory to write.",
)
@plan_options
@json_option
@report_errors
def export(
    model: Path, target: str, kind: str, directory: Path, options: Options, as_json: bool
) -> None:
    """Write MODEL as C for a product, its build system or its IDE.

    Nothing in the package depends on a board; the target decides which kernels are chosen, and on
    which core the stack bound in the header was found.
    """
    from netsuke.compiler.packages import export_model
    from netsuke.targets.target import find_target

    log = quiet if as_json else progress
    report = export_model(model, find_target(target), directory, options, kind, log)
    if as_json:
        emit(report)
    else:
        show.compilation(report, directory)
