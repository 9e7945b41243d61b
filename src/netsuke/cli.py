# SPDX-License-Identifier: Apache-2.0
"""The command line. Results go to standard output, progress and errors to standard error.

Exit status: 0 done, 1 the answer is no, 2 bad input or usage, 3 a tool or board is missing or
failed. An error is one line.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import click

from netsuke import __version__
from netsuke.compiler.errors import AnswerNo, ModelErrors, NetsukeError

P = ParamSpec("P")
Command = Callable[P, None]


def progress(message: str) -> None:
    """One line of progress on standard error."""
    click.echo(f"netsuke: {message}", err=True)


def _quiet(message: str) -> None:
    """No progress: standard error stays for errors."""


def _report_errors(command: Command[P]) -> Command[P]:
    """Ends a command that raised one of our errors with its line and its exit status."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ModelErrors as error:
            for problem in error.problems:
                click.echo(f"netsuke: {error.where}: {problem}", err=True)
            sys.exit(error.exit_status)
        except NetsukeError as error:
            click.echo(f"netsuke: {error}", err=True)
            sys.exit(error.exit_status)

    return run


def _emit(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2))


model_argument = click.argument("model", type=click.Path(path_type=Path, dir_okay=False))
target_option = click.option(
    "-t",
    "--target",
    default="mps2-an386",
    show_default=True,
    metavar="NAME",
    help="Board, emulated board or any STM32 part; `netsuke targets` lists them.",
)
port_option = click.option(
    "--port",
    metavar="URL",
    help="Serial port of the board: a device, a pty or any pyserial URL such as socket://. "
    "Without it, targets that have an emulator run there.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
optimize_option = click.option(
    "--optimize",
    type=click.Choice(["speed", "size"]),
    default="speed",
    show_default=True,
    help="speed: each layer gets its own copy of its kernel. size: layers share kernels.",
)


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
@json_option
@_report_errors
def check(model: Path, as_json: bool) -> None:
    """List every reason why MODEL cannot be compiled, all at once."""
    from netsuke.compiler.frontend import check as find_problems

    problems = find_problems(_read(model))
    if as_json:
        _emit({"model": model.name, "problems": list(problems)})
    else:
        for problem in problems:
            click.echo(problem)
        if not problems:
            click.echo(f"{model.name}: nothing stands in the way")
    if problems:
        sys.exit(2)


def _read(path: Path) -> bytes:
    from netsuke.compiler.errors import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a .tflite file") from None


if __name__ == "__main__":
    main()
