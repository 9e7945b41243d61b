# SPDX-License-Identifier: Apache-2.0
"""Commands about what layers take: profile, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netsuke import show_profile
from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import (
    OutputFile,
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
        "netsuke profile model.tflite -t netduinoplus2 --runs 5 --html profile.html",
        "netsuke profile model.tflite -t nucleo_f446re --port /dev/ttyACM0",
    )
)
@model_argument
@target_option
@port_option
@plan_options
@click.option(
    "--runs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="How many inferences, each of another random input: median, least and most.",
)
@seed_option
@click.option(
    "--csv",
    "table",
    type=OutputFile(),
    metavar="FILE.csv",
    help="Write a row for each layer.",
)
@click.option(
    "--html",
    "page",
    type=OutputFile(),
    metavar="FILE.html",
    help="Write one page with layers, memory over time, graph and quantization; opens without a "
    "network.",
)
@json_option
@report_errors
def profile(
    model: Path,
    target: str,
    port: str | None,
    options: Options,
    runs: int,
    seed: int,
    table: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Count what each layer takes, on a board or in the emulator.

    The emulator counts executed instructions; only a board counts cycles. Flash is that of a
    product, without the calls that count. A layer is bound by its products (compute), by fetching
    weights (flash), by scaling its outputs (requantization), or by moving bytes (memory): the
    largest of the least instructions that each of them takes alone.
    """
    from netsuke.compiler import html_report, profiling
    from netsuke.compiler.project import write_text

    log = quiet if as_json else progress
    place = place_of(target, port, log)
    measured = profiling.profile(model, place, options, log, seed=seed, runs=runs)
    if table is not None:
        write_text(table, profiling.csv_text(measured.result))
    if page is not None:
        write_text(page, html_report.page(measured))
    if as_json:
        emit(measured.result)
    else:
        show_profile.profile(measured.result)


@click.command(
    epilog=examples(
        "netsuke profile model.tflite --json > speed.json",
        "netsuke profile model.tflite --optimize size --json > size.json",
        "netsuke compare speed.json size.json",
    )
)
@click.argument("a", type=click.Path(path_type=Path, dir_okay=False), metavar="A.json")
@click.argument("b", type=click.Path(path_type=Path, dir_okay=False), metavar="B.json")
@json_option
@report_errors
def compare(a: Path, b: Path, as_json: bool) -> None:
    """Compare two profiles layer by layer.

    They may be of two versions, sets of options or boards. Both files hold what
    `netsuke profile --json` printed. A ratio is B / A.
    """
    from netsuke.compiler import comparison

    found = comparison.compare(comparison.read_profile(a), comparison.read_profile(b))
    if as_json:
        emit(found)
    else:
        show_profile.comparison(found)
