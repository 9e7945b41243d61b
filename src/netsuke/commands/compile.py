# SPDX-License-Identifier: Apache-2.0
"""Commands that need no board: check, compile."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show
from netsuke.compiler.errors import AnswerNo, InputError
from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import json_option, model_argument, plan_options, target_option

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.driver import Options
    from netsuke.compiler.ir import Graph


@click.command(
    epilog=examples(
        "netsuke check model.tflite",
        "netsuke check model.tflite -t stm32f411ce --ram-budget 96K",
    )
)
@model_argument
@target_option
@plan_options
@json_option
@report_errors
def check(model: Path, target: str, options: Options, as_json: bool) -> None:
    """List every reason why MODEL cannot be compiled for a target.

    Exit status 2 where the model is not supported, 1 where it is but does not fit.
    """
    from netsuke.compiler.driver import over_budget
    from netsuke.compiler.frontend import check as find_problems
    from netsuke.compiler.frontend import load_file
    from netsuke.targets.target import find_target

    found = find_target(target)
    problems = list(find_problems(load_file(model).data, str(model)))
    status = InputError.exit_status if problems else AnswerNo.exit_status
    problems = problems or over_budget(model, found, options, quiet)
    if as_json:
        emit({"model": model.name, "target": target, "problems": problems})
    else:
        for problem in problems:
            click.echo(problem)
        if not problems:
            click.echo(f"{model.name}: nothing stands in the way on {target}")
    if problems:
        sys.exit(status)


def _c_file(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """The compiler goes by the name: it links what it does not know."""
    if path is not None and path.suffix != ".c":
        raise click.BadParameter(f"got {path.name}, want a C file, .c")
    return path


@click.command(
    "compile",
    epilog=examples(
        "netsuke compile model.tflite -t nucleo_f446re -o build",
        "netsuke compile model.tflite -t netduinoplus2 -o build --main main.c",
        "netsuke compile model.tflite -o build --input streamed --mac-overhead 1.3",
    ),
)
@model_argument
@target_option
@click.option(
    "-o",
    "--output",
    "directory",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory to write: generated C, runtime, firmware, report.json.",
)
@plan_options
@click.option(
    "--firmware/--no-firmware",
    default=None,
    help="Build firmware as well. Default: where the target's compiler is installed.",
)
@click.option(
    "--main",
    "program",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    callback=_c_file,
    metavar="FILE",
    help="C program of a product, linked in place of the board agent.",
)
@click.option(
    "--dump-ir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the graph as text after every pass.",
)
@json_option
@report_errors
def compile_command(
    model: Path,
    target: str,
    directory: Path,
    options: Options,
    firmware: bool | None,
    program: Path | None,
    dump_ir: Path | None,
    as_json: bool,
) -> None:
    """Compile MODEL into C, weights and firmware.

    Writes <model>.c, <model>.h and <model>_weights.c with the runtime they need, a firmware that
    runs, traces and profiles the model over serial, and report.json. A directory that netsuke wrote
    is written anew; one with other files is left alone.
    """
    from netsuke.compiler.driver import compile_model
    from netsuke.targets.target import find_target
    from netsuke.targets.toolchain import has_compiler

    found = find_target(target)
    options = dataclasses.replace(options, program=program)
    if dump_ir is not None:
        options = dataclasses.replace(options, dump=_dump_to(dump_ir))
    build = has_compiler(found.kind == "host") if firmware is None else firmware
    report = compile_model(
        model, found, directory, options, quiet if as_json else progress, firmware=build
    )
    if as_json:
        emit(report)
    else:
        show.compilation(report, directory)
    if firmware is None and not build:
        progress("no firmware was built: arm-none-eabi-gcc is missing (netsuke doctor)")


def _dump_to(directory: Path) -> Callable[[str, Graph], None]:
    from netsuke.compiler.ir_text import format_graph
    from netsuke.compiler.project import write_files

    def dump(name: str, graph: Graph) -> None:
        write_files(directory, {f"{name}.txt": format_graph(graph)})

    return dump
