# SPDX-License-Identifier: Apache-2.0
"""Results as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netsuke.tables import new_table, print_table

if TYPE_CHECKING:
    from netsuke.compiler.ir import Array, Graph
    from netsuke.compiler.pareto import Point
    from netsuke.compiler.planning import Planned
    from netsuke.targets.doctor import Check
    from netsuke.targets.target import Target


def compilation(report: dict[str, Any], directory: Path) -> None:
    """What was compiled, for what, and the memory it takes."""
    model, ram, flash = report["model"], report["ram"], report["flash"]
    click.echo(f"{model['name']} for {report['target']['name']}, written to {directory}")
    proof = "proven least for this schedule" if ram["optimal"] else "best found"
    table = new_table("", "bytes")
    table.add_row(f"arena ({proof})", f"{ram['arena_bytes']:,}")
    if ram["stack_bytes"] is not None:
        table.add_row("stack", f"{ram['stack_bytes']:,}")
    table.add_row("RAM in total", f"{ram['total_bytes']:,}")
    for key in ("code", "params", "weights", "external", "total") if flash else ():
        if flash[f"{key}_bytes"] or key != "external":
            table.add_row(f"flash: {key}", f"{flash[f'{key}_bytes']:,}")
    print_table(table)
    _layers(report["layers"], directory)


MOST_LAYERS = 24
"""Of a compilation that are shown: those with the most flash; a terminal holds no more."""


def _layers(layers: Sequence[dict[str, Any]], directory: Path) -> None:
    """Flash and kernel of each layer."""
    sizes = [
        [layer["flash"][f"{key}_bytes"] for key in ("code", "weights", "params")]
        for layer in layers
    ]
    most = sorted(range(len(layers)), key=lambda i: -sum(size or 0 for size in sizes[i]))
    table = new_table("layer", "code", "weights", "params", "kernel")
    table.columns[-1].justify = "left"
    for i in sorted(most[:MOST_LAYERS]):
        flash = ("" if size is None else f"{size:,}" for size in sizes[i])
        table.add_row(layers[i]["name"], *flash, layers[i]["kernel"]["reason"])
    print_table(table)
    if len(layers) > MOST_LAYERS:
        more = len(layers) - MOST_LAYERS
        click.echo(f"the layers with the most flash; {more} more in {directory / 'report.json'}")


def outputs(graph: Graph, values: Sequence[Array], best: int, label: str | None) -> None:
    """Every output with its real values, and the winner."""
    for t, value in zip(graph.outputs, values, strict=True):
        q = graph.tensors[t].q
        shown = ", ".join(str(v) for v in value.ravel()[:20].tolist())
        more = ", ..." if value.size > 20 else ""
        click.echo(f"output int8 [{shown}{more}]  (scale {q.scale:.6g}, zero point {q.zero_point})")
    real = (int(values[0].ravel()[best]) - graph.tensors[graph.outputs[0]].q.zero_point) * (
        graph.tensors[graph.outputs[0]].q.scale
    )
    click.echo(f"largest: {best}{f' ({label})' if label else ''} = {real:.4g}")


def validation(result: dict[str, Any]) -> None:
    """The verdict of a comparison."""
    oracle = result["oracle"]
    click.echo(
        f"{result['bytes_mismatched']:,} of {result['bytes_compared']:,} bytes mismatched, "
        f"{result['vectors']} vectors, against {oracle['name']} {oracle['version']}"
    )
    if result["layers_compared"]:
        click.echo(f"{result['layers_compared']} of {result['layers']} layers compared")
    if result["first_divergent_layer"]:
        click.echo(
            f"first divergent layer: {result['first_divergent_layer']}, "
            f"largest difference {result['max_abs_diff']}"
        )
    if "dataset" in result:
        _dataset(result["dataset"])
    if "report" in result:
        click.echo(f"report: {result['report']}")


def _dataset(found: dict[str, Any]) -> None:
    click.echo(
        f"accuracy on {found['vectors']:,} vectors: {found['accuracy_board']:.2%} "
        f"({found['accuracy_oracle']:.2%} by the oracle), "
        f"{found['classified_differently']} classified differently"
    )
    for row in found["differences"]:
        click.echo("  vector {index}, label {label}: board {board}, oracle {oracle}".format(**row))


def memory(planned: Planned) -> None:
    """The arena over time, and the moment that decides its size."""
    from netsuke.compiler.inspection import named, peak, region_layers
    from netsuke.memory_planner.render import picture

    highest = peak(planned)
    click.echo(picture(*named(planned)))
    for r in range(len(planned.schedule.regions)):
        layers = ", ".join(region_layers(planned, r))
        click.echo(f"region {r}{' (peak)' if r == highest.region else ''}: {layers}")
    solution = planned.memory.solution
    proof = "proven least for this schedule" if solution.optimal else "best found"
    click.echo(
        f"arena {planned.memory.arena_bytes:,} bytes ({proof}), "
        f"{highest.bytes_in_use:,} of them in use in region {highest.region}"
    )


def ablation(found: dict[str, Any]) -> None:
    """Every combination of techniques, then what each technique saves."""
    names = [technique["name"] for technique in found["techniques"]]
    table = new_table(*names, "arena", "of none", found["unit"], left=len(names))
    none = found["combinations"][0]["arena_bytes"]
    for row in found["combinations"]:
        count = row["instructions"]
        table.add_row(
            *("on" if row[name] else "-" for name in names),
            f"{row['arena_bytes']:,}{'' if row['optimal'] else ' *'}",
            f"{row['arena_bytes'] / none:.1%}",
            "not run" if count is None else f"{count:,}",
        )
    worth = new_table("", "saves alone", "saves last", "share of the saving")
    for row in found["techniques"]:
        sizes = (f"{row[key]:,}" for key in ("alone_bytes", "last_bytes"))
        worth.add_row(row["name"], *sizes, f"{row['share']:.1%}")
    print_table(table)
    if not all(row["optimal"] for row in found["combinations"]):
        click.echo("* best found, not proven least for its schedule")
    print_table(worth)
    if found["not_applicable"]:
        click.echo(f"patches: {found['not_applicable']}")


def pareto(points: Sequence[Point]) -> None:
    """The front, a plan a line."""
    table = new_table("arena", "MACs / needed", "MACs", "patches", left=0)
    for p in points:
        bound = "" if p.optimal else " *"
        sizes = (f"{p.arena_bytes:,}{bound}", f"{p.mac_overhead:.3f}", f"{p.macs:,}")
        table.add_row(*sizes, str(len(p.patches)))
    print_table(table)
    if not all(p.optimal for p in points):
        click.echo("* best found, not proven least for its schedule")


def target_row(target: Target) -> dict[str, Any]:
    """A target as plain data."""
    return {
        "name": target.name,
        "kind": target.kind,
        "title": target.title,
        "core": target.core,
        "flash_bytes": target.flash_bytes,
        "ram_bytes": target.ram_bytes,
        "more_ram": {m.name.lower(): m.size_bytes for m in target.more_ram},
    }


def targets(rows: Sequence[Target]) -> None:
    """Targets with their core and memories."""
    table = new_table("name", "core", "flash", "RAM", "for --place", "what it is", left=2)
    for t in rows:
        sizes = (f"{n // 1024:,} K" if n else "" for n in (t.flash_bytes, t.ram_bytes))
        more = ", ".join(f"{m.name.lower()} {m.size_bytes // 1024:,} K" for m in t.more_ram)
        table.add_row(t.name, t.core, *sizes, more, t.title)
    for column in table.columns[-2:]:
        column.justify = "left"
    print_table(table)


def checks(found: Sequence[Check]) -> None:
    """Tools and how to get the missing ones."""
    table = new_table("tool", "version", "for", left=3)
    for check in found:
        missing = f"missing{'' if check.needed else ' (optional)'}: {check.get}"
        table.add_row(check.name, check.found or missing, check.purpose)
    print_table(table)
