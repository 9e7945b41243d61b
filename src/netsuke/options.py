# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:  # the stages are imported by the commands that need them: --help is instant
    from netsuke.compiler.boards import Place

Optimize = Literal["speed", "size", "ram"]
Option = Callable[[Callable[..., None]], Callable[..., None]]


class OutputFile(click.Path):
    """A file to write, in a directory that exists: known before minutes of work, not after."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False, writable=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.absolute().parent.is_dir():
            self.fail(f"got no directory {path.parent}, want a file to write", param, ctx)
        return path


model_argument = click.argument("model", type=click.Path(path_type=Path))
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
    help="Serial port of the board: a device, a pty, any pyserial URL such as socket://, or "
    "`auto`, the virtual port of its debug probe. Without it, a board runs where its probe is "
    "connected, else in the emulator.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
seed_option = click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Of the random inputs.",
)
optimize_option = click.option(
    "--optimize",
    type=click.Choice(["speed", "size", "ram"]),
    default="speed",
    show_default=True,
    help="speed: each layer gets its own copy of its kernel. size: layers share kernels where "
    "that is less code. "
    "ram: as speed, with kernels that need less scratch where that shrinks the arena.",
)


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20}


def _size(context: click.Context, option: click.Parameter, text: str) -> int:
    """A number of bytes: 65536, 64K (KiB) or 1M (MiB)."""
    match = re.fullmatch(r"(\d{1,9})([KM]?)", text.upper())
    if match is None:
        raise click.BadParameter(f"got {text!r}, want bytes such as 65536, 64K or 1M")
    return int(match[1]) * _UNITS[match[2]]


def _finite(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """click's ranges let NaN pass, and infinity where one side is open."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"got {value}, want a finite number")
    return value


def _input_mode(name: str) -> Option:
    return click.option(
        name,
        "input_mode",
        type=click.Choice(["resident", "streamed"]),
        default="resident",
        show_default=True,
        help="resident: the whole input lies in the arena. streamed: the caller pushes its rows.",
    )


_PLAN_OPTIONS = (
    click.option("--keep-input", is_flag=True, help="Do not overwrite a resident input."),
    click.option(
        "--ram-budget",
        callback=_size,
        default="0",
        metavar="SIZE",
        help="Arena bytes that may be used to save work, e.g. 64K. Default: as little as possible.",
    ),
    click.option(
        "--mac-overhead",
        type=click.FloatRange(min=1),
        callback=_finite,
        metavar="X",
        help="Run operators together tile by tile where that saves memory. X multiply-accumulates "
        "may be computed for each that is needed; 1: nothing twice. Default: no tiles.",
    ),
    click.option(
        "--time-limit",
        default=10.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        callback=_finite,
        metavar="SECONDS",
        help="How long to search for a proof that the placement of buffers is the least.",
    ),
    click.option(
        "--place",
        multiple=True,
        metavar="MEMORY",
        help="Fill this memory of the target (ccm, dtcm, sram2, ...) with what it can take of the "
        "arena; may be given again. Default: the largest RAM alone, all RAM where that is too "
        "small.",
    ),
    click.option(
        "--external-weights",
        is_flag=True,
        help="Put weights in external flash. Default: only where the target's own is too small.",
    ),
)


def plan_options(
    command: Callable[..., None], input_mode_name: str = "--input"
) -> Callable[..., None]:
    """The options that shape a plan, gathered into one argument `options`.

    `netsuke run`, whose --input is a file, has the one for the input's mode under --input-mode.
    """

    @functools.wraps(command)
    def gathered(
        *args: Any,
        optimize: Optimize,
        input_mode: str,
        keep_input: bool,
        ram_budget: int,
        mac_overhead: float | None,
        time_limit: float,
        place: tuple[str, ...],
        external_weights: bool,
        **kwargs: Any,
    ) -> None:
        from netsuke.compiler.driver import Options
        from netsuke.compiler.planning import Wishes

        streamed, lean = input_mode == "streamed", optimize == "ram"
        wishes = Wishes(streamed, keep_input, ram_budget, time_limit, lean, mac_overhead)
        kernels: Literal["speed", "size"] = "size" if optimize == "size" else "speed"
        options = Options(kernels, wishes=wishes, place=place, external_weights=external_weights)
        command(*args, options=options, **kwargs)

    wrapped: Callable[..., None] = gathered
    for option in reversed((optimize_option, _input_mode(input_mode_name), *_PLAN_OPTIONS)):
        wrapped = option(wrapped)
    return wrapped


def place_of(target: str, port: str | None, progress: Callable[[str], None]) -> Place:
    """Where --target and --port say to run; looks for a probe where they leave it open."""
    from serial.tools.list_ports import comports

    from netsuke.compiler.boards import Place
    from netsuke.targets.ports import choose_port
    from netsuke.targets.target import find_target

    found = find_target(target)
    return Place(found, choose_port(found, port, comports, progress))
