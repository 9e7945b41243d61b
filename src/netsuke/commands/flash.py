# SPDX-License-Identifier: Apache-2.0
"""The command that writes firmware to a board: flash."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import click

from netsuke.console import emit, examples, progress, quiet, report_errors
from netsuke.options import json_option, target_option


@click.command(
    epilog=examples(
        "netsuke flash build -t nucleo_f446re",
        "netsuke flash build -t nucleo_f446re --probe uart --port /dev/ttyUSB0",
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@target_option
@click.option(
    "--probe",
    type=click.Choice(["swd", "uart", "dfu"]),
    help="swd: an ST-LINK, by openocd or, where only that is installed, pyocd. uart: the "
    "bootloader in ROM, at --port. dfu: the same by USB, with dfu-util. Default: uart with --port, "
    "else swd.",
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
    """Write what compile left in DIR to a board, verify it, start it.

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
