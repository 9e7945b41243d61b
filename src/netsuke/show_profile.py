# SPDX-License-Identifier: Apache-2.0
"""Profiles, and the difference of two, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from netsuke.tables import new_table, print_table

BAR_WIDTH = 10
WORTH_SHOWING = 1e-3
"""Share of the count by which runs must differ for the table to show least and most."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def profile(result: dict[str, Any]) -> None:
    """Counts by layer with bars, then memory."""
    print_table(_layers(result))
    for line in _notes(result):
        click.echo(line)


def _layers(result: dict[str, Any]) -> Table:
    unit, layers = result["unit"], result["layers"]
    spread = ("min", "max") if varies(result) else ()
    table = new_table("layer", "MACs", unit, *spread, "per MAC", "share")
    table.add_column("", min_width=BAR_WIDTH, no_wrap=True)
    table.add_column("flash", justify="right", no_wrap=True)
    table.add_column("bound", no_wrap=True)
    largest = max((layer["share"] for layer in layers), default=0) or 1
    for layer in layers:
        counts = [number(layer[key]) for key in ("count", *spread)]
        table.add_row(
            layer["name"], _some(layer["macs"]), *counts, _rate(layer["per_mac"]),
            f"{layer['share']:.1%}", bar(layer["share"] / largest), number(flash_of(layer)),
            bound_of(layer),
        )  # fmt: skip
    macs = sum(layer["macs"] for layer in layers)
    counts = [number(result[key]) for key in ("total", *spread)]
    rate = _rate(result["total"] / macs if macs else None)
    table.add_row("total", _some(macs), *counts, rate, "", "", _total_flash(result), style="bold")
    return table


def _notes(result: dict[str, Any]) -> Iterator[str]:
    ram, flash = result["ram"], result["flash"]
    if result["runs"] > 1:
        yield f"{result['runs']} runs on different inputs: {_spread(result)}"
    yield (
        f"measured on the {result['source']}: arena {ram['arena_watermark_bytes']:,} of "
        f"{ram['arena_bytes']:,} bytes touched, stack {ram['stack_watermark_bytes']:,} bytes"
    )
    if result["unit"] == "cycles" and result["clock_hz"]:
        mhz, ms = result["clock_hz"] / 1e6, 1e3 * result["total"] / result["clock_hz"]
        yield f"the core runs at {mhz:g} MHz: {ms:,.3f} ms an inference"
    if flash:
        own = sum(layer["flash"]["code_bytes"] for layer in result["layers"])
        yield (
            f"flash: {flash['code_bytes']:,} bytes of code ({flash['code_bytes'] - own:,} shared "
            f"by layers), {flash['weights_bytes'] + flash['external_bytes']:,} of weights, "
            f"{flash['params_bytes']:,} of parameters"
        )
    yield "bound: what sets the least a layer can take, and that least as a share of the count"


def varies(result: dict[str, Any]) -> bool:
    """Whether runs differ by more than the counter's steps add up to."""
    return bool(result["max"] - result["min"] > WORTH_SHOWING * result["total"])


def _spread(result: dict[str, Any]) -> str:
    low, high, unit = result["min"], result["max"], result["unit"]
    if low == high:
        return f"all took the same {unit}"
    step = f" (the counter's step is {result['step']})" if result["step"] > 1 else ""
    return f"{low:,} to {high:,} {unit}, median {result['total']:,}{step}"


def flash_of(layer: dict[str, Any]) -> int | None:
    """All bytes of flash of a layer; None where its code is not known."""
    parts = list(layer["flash"].values())
    return None if None in parts else sum(parts)


def _total_flash(result: dict[str, Any]) -> str:
    return number(result["flash"]["total_bytes"] if result["flash"] else None)


def bound_of(layer: dict[str, Any]) -> str:
    """Such as `compute 52%`."""
    share = "" if layer["of_roof"] is None else f" {layer['of_roof']:.0%}"
    return f"{layer['bound']}{share}"


def bar(share: float) -> str:
    """A bar for a share of 1, in eighths of a letter; the least that is not 0 shows. Where the
    terminal has ASCII alone, whole letters."""
    eighths = max(round(share * BAR_WIDTH * 8), 1 if share > 0 else 0)
    if not Console().encoding.startswith("utf"):
        return "#" * round(eighths / 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def number(value: int | None) -> str:
    """With thousands set apart; nothing for what is not known."""
    return "" if value is None else f"{value:,}"


def _some(value: int) -> str:
    return number(value or None)


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def comparison(found: dict[str, Any]) -> None:
    """Two profiles side by side, then what differs between them besides the counts."""
    a, b = found["a"], found["b"]
    names = [f"{side['target']}, {side['unit']}" for side in (a, b)]
    if names[0] == names[1]:
        names = [f"A, {a['unit']}", f"B, {b['unit']}"]
    table = new_table("layer", *names, "difference", "ratio")
    for layer in found["layers"]:
        table.add_row(layer["name"], *_pair(layer))
    table.add_row("total", *_pair(found["total"]), style="bold")
    times = found["milliseconds"].values()
    if any(time is not None for time in times):
        ms = ("" if time is None else f"{time:,.3f}" for time in times)
        table.add_row("milliseconds at the core's clock", *ms, "", "")
    for memory in ("ram", "flash"):
        for key, pair in found[memory].items():
            if (pair["a"], pair["b"]) != (None, None):
                table.add_row(f"{memory}: {key.removesuffix('_bytes')}, bytes", *_pair(pair))
    print_table(table)
    if a["sha256"] != b["sha256"]:
        click.echo(f"the model files differ: {a['model']} and {b['model']}")
    if a["unit"] != b["unit"]:
        click.echo(f"the units differ: the ratio is {b['unit']} for each of {a['unit']}")


def _pair(pair: dict[str, Any]) -> tuple[str, str, str, str]:
    difference, ratio = pair["difference"], pair["ratio"]
    shown = "" if difference is None else f"{difference:+,}" if difference else "0"
    return number(pair["a"]), number(pair["b"]), shown, _rate(ratio)
