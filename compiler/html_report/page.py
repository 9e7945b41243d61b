# SPDX-License-Identifier: Apache-2.0
"""What the page shows, every number as text; the template only prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from netsuke import __version__
from netsuke.compiler.html_report.graph import graph_svg
from netsuke.compiler.inspection import named, peak, region_layers
from netsuke.compiler.ir import Tensor
from netsuke.compiler.planning import Planned
from netsuke.compiler.profiling import Profile
from netsuke.compiler.report import layer_name
from netsuke.compiler.schedule import ops_in_order
from netsuke.memory_planner.render import svg
from netsuke.targets.target import Target

BOUNDS = {
    "compute": "products",
    "flash": "weights from flash",
    "requantization": "scaling of outputs",
    "memory": "moving bytes",
}
"""What a layer can be bound by, and what that means."""


@dataclass(frozen=True, slots=True)
class Card:
    """One large figure with a word above and a line below."""

    title: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A layer's row: `width` and `roof` are CSS lengths, of the largest layer."""

    name: str
    shape: str
    bound: str
    width: str
    roof: str
    count: str
    share: str
    per_mac: str
    flash: str
    hint: str


@dataclass(frozen=True, slots=True)
class Quantization:
    """A row of the table of tensors."""

    layer: str
    tensor: str
    shape: str
    scale: str
    zero_point: str
    reach: str
    weights: str


def page(profile: Profile) -> str:
    """The HTML document of a measured model; self-contained, the same for the same profile."""
    result, planned = profile.result, profile.compiled.planned
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netsuke.compiler.html_report"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html.j2").render(
        version=__version__,
        model=result["model"],
        where=_where(result, profile.target),
        unit=result["unit"],
        cards=list(_cards(result)),
        bars=[_bar(layer, result) for layer in result["layers"]],
        bounds=BOUNDS,
        memory=svg(*named(planned)),
        memory_note=_memory_note(planned),
        regions=_regions(planned),
        graph=graph_svg(planned, result["layers"]),
        quantization=list(_quantization(planned)),
        target=list(_target(profile.target, result)),
    )
    return re.sub(r"\n\s*\n+", "\n", text)


def _where(result: dict[str, Any], target: Target) -> str:
    runs = "one run" if result["runs"] == 1 else f"{result['runs']} runs, medians"
    return f"{target.title}, measured on the {result['source']}: {result['unit']}, {runs}"


def _cards(result: dict[str, Any]) -> Iterator[Card]:
    ram, flash, macs = result["ram"], result["flash"], result["model"]["macs_live"]
    low, high = result["min"], result["max"]
    spread = "" if low == high else f"{low:,} to {high:,}"
    yield Card(result["unit"], f"{result['total']:,}", spread)
    if result["unit"] == "cycles" and result["clock_hz"]:
        ms = 1e3 * result["total"] / result["clock_hz"]
        yield Card("milliseconds", f"{ms:,.3f}", f"at {result['clock_hz'] / 1e6:g} MHz")
    if macs:
        file = result["model"]["macs"]
        dead = f"of {file:,} in the model file" if file != macs else ""
        yield Card("MACs", f"{macs:,}", dead)
        yield Card(f"{result['unit']} per MAC", f"{result['total'] / macs:.2f}", "")
    proof = "proven least" if ram["optimal"] else f"at least {ram['lower_bound_bytes']:,}"
    yield Card("arena bytes", f"{ram['arena_bytes']:,}", f"{proof} for this schedule")
    bound = "" if ram["stack_bytes"] is None else f", at most {ram['stack_bytes']:,}"
    yield Card("stack bytes touched", f"{ram['stack_watermark_bytes']:,}", f"by the model{bound}")
    if flash:
        parts = f"{flash['code_bytes']:,} code, {flash['weights_bytes']:,} weights"
        yield Card("flash bytes", f"{flash['total_bytes']:,}", parts)


def _bar(layer: dict[str, Any], result: dict[str, Any]) -> Bar:
    largest = max((row["count"] for row in result["layers"]), default=0) or 1
    sizes = [size for size in layer["flash"].values() if size is not None]
    known = layer["of_roof"] is not None
    share = f"{layer['of_roof']:.0%} of the count" if known else "share not known"
    return Bar(
        name=layer["name"],
        shape="×".join(map(str, layer["output"])),
        bound=layer["bound"],
        width=f"{100 * layer['count'] / largest:.2f}%",
        roof=f"{100 * layer['roof'] / largest:.2f}%" if known else "0",
        count=f"{layer['count']:,}",
        share=f"{layer['share']:.1%}",
        per_mac="" if layer["per_mac"] is None else f"{layer['per_mac']:.2f}",
        flash=f"{sum(sizes):,}",
        hint=f"{BOUNDS[layer['bound']]}: at least {layer['roof']:,}, {share}",
    )


def _memory_note(planned: Planned) -> str:
    highest = peak(planned)
    names = ", ".join(f"{b.name} ({b.size_bytes:,})" for b in highest.buffers)
    return f"The peak is in region {highest.region}, with {highest.bytes_in_use:,} bytes: {names}."


def _regions(planned: Planned) -> list[str]:
    """The layers of each region that has more than one, by its number."""
    return [
        f"{r}: {', '.join(region_layers(planned, r))}"
        for r, region in enumerate(planned.schedule.regions)
        if len(region.ops) > 1
    ]


def _quantization(planned: Planned) -> Iterator[Quantization]:
    graph = planned.graph
    for t in graph.inputs:
        yield _quantized("input", graph.tensors[t], ())
    for op in ops_in_order(planned.schedule):
        inputs = [t for t in graph.input_tensors(op) if t is not None]
        weights = [t for t in inputs if t.data is not None and t.quant is not None]
        yield _quantized(layer_name(op), graph.output(op), weights)


def _quantized(layer: str, tensor: Tensor, weights: Sequence[Tensor]) -> Quantization:
    q = tensor.q
    low, high = (q.scale * (end - q.zero_point) for end in (-128, 127))
    return Quantization(
        layer=layer,
        tensor=tensor.name,
        shape="×".join(map(str, tensor.shape)),
        scale=f"{q.scale:.6g}",
        zero_point=str(q.zero_point),
        reach=f"{low:.4g} to {high:.4g}",
        weights="; ".join(_scales(w) for w in weights),
    )


def _scales(tensor: Tensor) -> str:
    """Scale of a constant, or the range of its channels' scales."""
    assert tensor.quant is not None
    scales = tensor.quant.scales
    if len(scales) == 1:
        return f"{scales[0]:.4g}"
    return f"{min(scales):.3g} to {max(scales):.3g} ({len(scales)} channels)"


def _target(target: Target, result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    ram, flash = result["ram"], result["flash"]
    yield "target", target.name
    yield "core", target.core
    for memory in (target.flash, target.ram, target.external):
        if memory is not None:
            yield memory.name, f"{memory.size_bytes:,} bytes at 0x{memory.start:08X}"
    for key in ("arena", "input", "static", "stack", "total"):
        if ram[f"{key}_bytes"] is not None:
            yield f"RAM: {key}", f"{ram[f'{key}_bytes']:,} bytes"
    yield "RAM: arena touched", f"{ram['arena_watermark_bytes']:,} bytes"
    for key in ("code", "weights", "params", "external", "total") if flash else ():
        yield f"flash: {key}", f"{flash[f'{key}_bytes']:,} bytes"
