# SPDX-License-Identifier: Apache-2.0
"""Commands that run a model on a board or in the emulator: run, validate."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show
from netsuke.compiler.errors import AnswerNo
from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import (
    json_option,
    model_argument,
    place_of,
    plan_options,
    port_option,
    seed_option,
    target_option,
)

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.driver import Options


@click.command(
    epilog=examples(
        "netsuke run model.tflite -t netduinoplus2 --input x.npy",
        "netsuke run model.tflite --port /dev/ttyACM0 --input x.npy --labels labels.txt",
    )
)
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
    """Run MODEL once, on a board or in the emulator.

    Prints its output. The input is int8 as the model takes it, or float32 where the model file has
    that at its edge.
    """
    from netsuke.compiler import boards

    log = quiet if as_json else progress
    place = place_of(target, port, log)
    graph, outputs, names = boards.run(model, place, options, inputs, labels, log)
    best = int(outputs[0].argmax())
    label = names[best] if names else None
    if as_json:
        emit({"outputs": [o.tolist() for o in outputs], "argmax": best, "label": label})
    else:
        show.outputs(graph, outputs, best, label)


@click.command(
    epilog=examples(
        "netsuke validate model.tflite -t netduinoplus2 -n 20",
        "netsuke validate model.tflite -t nucleo_f446re --port /dev/ttyACM0 --bisect",
    )
)
@model_argument
@target_option
@port_option
@plan_options
@click.option(
    "-n",
    "--vectors",
    type=click.IntRange(1),
    metavar="N",
    help="How many inputs. Default: 3 random ones, or all of the data set.",
)
@seed_option
@click.option(
    "--dataset",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.npz",
    help="Inputs with labels instead of random ones: arrays x, [n, ...], and y, [n].",
)
@click.option(
    "--layers", is_flag=True, help="Compare the output of every layer, not just the last."
)
@click.option(
    "--bisect",
    is_flag=True,
    help="Stop at the first input that differs and report its first wrong layer to a directory.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to report: a new or empty directory; implies --bisect. Default: MODEL-divergence.",
)
@json_option
@report_errors
def validate(
    model: Path,
    target: str,
    port: str | None,
    options: Options,
    vectors: int | None,
    seed: int,
    dataset: Path | None,
    layers: bool,
    bisect: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Compare each output byte of MODEL with tflite-micro's.

    Exit status 1 if a single byte differs. With --bisect, the report holds both tensors of the
    first wrong layer, what it reads, its parameters and its place in memory, ready to be attached
    to a bug; nothing is overwritten.
    """
    from netsuke.compiler import boards

    log = quiet if as_json else progress
    result = boards.validate(
        model,
        place_of(target, port, log),
        options,
        log,
        count=vectors,
        seed=seed,
        layers=layers,
        dataset=dataset,
        report=(report or Path(f"{model.stem}-divergence")) if bisect or report else None,
    )
    if as_json:
        emit(result)
    else:
        show.validation(result)
    if result["bytes_mismatched"]:
        sys.exit(AnswerNo.exit_status)
