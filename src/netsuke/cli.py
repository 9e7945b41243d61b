# SPDX-License-Identifier: Apache-2.0
"""The command line. Results go to standard output, progress and errors to standard error.

Exit status: 0 done, 1 the answer is no, 2 bad input or usage, 3 a tool or board is missing or
failed. An error is one line.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from netsuke import __version__, show
from netsuke.compiler.errors import AnswerNo, InputError, ToolError
from netsuke.console import emit, progress, quiet, report_errors
from netsuke.options import (
    json_option,
    model_argument,
    plan_options,
    port_option,
    seed_option,
    target_option,
)

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.boards import Place
    from netsuke.compiler.driver import Options
    from netsuke.compiler.ir import Graph


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="netsuke")
def main() -> None:
    """Compile quantized TensorFlow Lite models into small, exact C for STM32.

    \b
    A first round, without any hardware:
      netsuke check    model.tflite
      netsuke compile  model.tflite -t netduinoplus2 -o build
      netsuke validate model.tflite -t netduinoplus2 -n 5
      netsuke profile  model.tflite -t netduinoplus2
    """


@main.command()
@model_argument
@target_option
@plan_options
@json_option
@report_errors
def check(model: Path, target: str, options: Options, as_json: bool) -> None:
    """List every reason why MODEL cannot be compiled for a target, all at once.

    Exit status 2 where the model is not supported, 1 where it is but does not fit.
    """
    from netsuke.compiler.driver import over_budget
    from netsuke.compiler.frontend import check as find_problems
    from netsuke.targets.target import find_target

    found = find_target(target)
    problems = list(find_problems(_read(model)))
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


@main.command("compile")
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
    runs, traces and profiles the model over serial, and report.json.
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


@main.command()
@model_argument
@target_option
@port_option
@functools.partial(plan_options, input_mode_name="--input-mode")
@click.option(
    "--input",
    "inputs",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A .npy file, or an .npz with one array for each input of the model.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Text file, one label a line: print the one with the largest output.",
)
@json_option
@report_errors
def run(
    model: Path,
    target: str,
    port: str | None,
    options: Options,
    inputs: Path,
    labels: Path | None,
    as_json: bool,
) -> None:
    """Run MODEL once on a board or in the emulator and print its output."""
    from netsuke.compiler import boards
    from netsuke.compiler.project import read_text

    names = None if labels is None else read_text(labels).splitlines()
    log = quiet if as_json else progress
    graph, outputs = boards.run(model, _place(target, port), options, inputs, log)
    best = int(outputs[0].argmax())
    label = names[best] if names is not None and best < len(names) else None
    if as_json:
        emit({"outputs": [o.tolist() for o in outputs], "argmax": best, "label": label})
    else:
        show.outputs(graph, outputs, best, label)


@main.command()
@model_argument
@target_option
@port_option
@plan_options
@click.option(
    "-n",
    "--vectors",
    default=3,
    show_default=True,
    type=click.IntRange(1),
    help="How many random inputs.",
)
@seed_option
@click.option(
    "--layers", is_flag=True, help="Compare the output of every layer, not just the last."
)
@json_option
@report_errors
def validate(
    model: Path,
    target: str,
    port: str | None,
    options: Options,
    vectors: int,
    seed: int,
    layers: bool,
    as_json: bool,
) -> None:
    """Compare MODEL on a board or in the emulator with tflite-micro, byte for byte.

    Exit status 1 if a single byte differs.
    """
    from netsuke.compiler import boards

    result = boards.validate(
        model,
        _place(target, port),
        options,
        quiet if as_json else progress,
        count=vectors,
        seed=seed,
        layers=layers,
    )
    if as_json:
        emit(result)
    else:
        show.validation(result)
    if result["bytes_mismatched"]:
        sys.exit(AnswerNo.exit_status)


@main.command()
@model_argument
@target_option
@port_option
@plan_options
@seed_option
@json_option
@report_errors
def profile(
    model: Path, target: str, port: str | None, options: Options, seed: int, as_json: bool
) -> None:
    """Count what each layer of MODEL takes, on a board or in the emulator.

    The emulator counts executed instructions; only a board counts cycles.
    """
    from netsuke.compiler import boards

    log = quiet if as_json else progress
    result = boards.profile(model, _place(target, port), options, log, seed=seed)
    if as_json:
        emit(result)
    else:
        show.profile(result)


@main.command()
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


@main.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@target_option
@click.option(
    "--probe",
    type=click.Choice(["swd", "uart", "dfu"]),
    help="swd: openocd and an ST-LINK. uart: the bootloader in ROM, at --port. dfu: the same by "
    "USB, with dfu-util. Default: uart with --port, else swd.",
)
@click.option("--port", metavar="URL", help="Serial port that leads to the bootloader.")
@json_option
@report_errors
def flash(
    directory: Path,
    target: str,
    probe: Literal["swd", "uart", "dfu"] | None,
    port: str | None,
    as_json: bool,
) -> None:
    """Write the firmware that compile left in DIR to a board, verify it and start it.

    Erases the sectors it writes and no others. Never unlocks a protected part.
    """
    from netsuke.targets.flash.command import flash_directory
    from netsuke.targets.target import find_target

    log = quiet if as_json else progress
    done = flash_directory(directory, find_target(target), probe, port, log)
    if as_json:
        emit({"target": target, **dataclasses.asdict(done)})
    else:
        click.echo(f"{target}: {done.bytes_verified:,} bytes written, verified and started")


def _place(target: str, port: str | None) -> Place:
    from netsuke.compiler.boards import Place
    from netsuke.targets.target import find_target

    return Place(find_target(target), port)


@main.command()
@click.argument("query", default="")
@json_option
@report_errors
def targets(query: str, as_json: bool) -> None:
    """List boards and emulated boards whose name contains QUERY; parts from stm32f4 on."""
    from netsuke.targets.target import find_target, list_targets

    names = list_targets(query)
    if not names:
        find_target(query)
    rows = [find_target(name) for name in names]
    if as_json:
        emit({"targets": [show.target_row(row) for row in rows]})
    else:
        show.targets(rows)


@main.command()
@json_option
@report_errors
def doctor(as_json: bool) -> None:
    """Say which tools are here, which are missing and how to get them."""
    from netsuke.targets.doctor import examine

    checks = examine()
    if as_json:
        emit({"checks": [dataclasses.asdict(check) for check in checks]})
    else:
        show.checks(checks)
    if not all(check.ok for check in checks):
        sys.exit(ToolError.exit_status)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a readable file") from None


if __name__ == "__main__":
    main()
