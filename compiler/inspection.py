# SPDX-License-Identifier: Apache-2.0
"""A plan's memory as people read it: buffers by the layers that write them, the peak, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from netsuke.compiler.buffers import region_bytes
from netsuke.compiler.ir import TensorId
from netsuke.compiler.planning import Planned
from netsuke.compiler.report import layer_name, layer_names
from netsuke.memory_planner import Buffer, Problem, Solution


@dataclass(frozen=True, slots=True)
class Peak:
    """The region during which most bytes are in use, and the buffers alive then, largest first.

    `bytes_in_use` counts storage that two buffers share once.
    """

    region: int
    bytes_in_use: int
    buffers: tuple[Buffer, ...]


def named(planned: Planned) -> tuple[Problem, Solution]:
    """The allocation problem and its solution, each buffer named after what it holds."""
    names = buffer_names(planned)
    problem, solution = planned.problem, planned.memory.solution
    return (
        replace(
            problem,
            buffers=tuple(replace(b, name=names[b.name]) for b in problem.buffers),
            overlaps=tuple(
                replace(o, output=names[o.output], input=names[o.input]) for o in problem.overlaps
            ),
        ),
        replace(solution, offsets={names[n]: place for n, place in solution.offsets.items()}),
    )


def buffer_names(planned: Planned) -> dict[str, str]:
    """For each buffer of the problem its name for people: `3 conv_2d`, `3 conv_2d, 4 of 48 rows`
    for a window, `sums of 9 mean`, `scratch of region 2`, `input image`."""
    graph = planned.graph
    names = {
        f"t{t}": _tensor_name(planned, t, f"input {graph.tensors[t].name}") for t in graph.inputs
    }
    for r, region in enumerate(planned.schedule.regions):
        names[f"scratch{r}"] = f"scratch of region {r}"
        for op in region.ops:
            layer = layer_name(op)
            names[f"t{op.outputs[0]}"] = _tensor_name(planned, op.outputs[0], layer)
            names[f"acc{op.index}"] = f"sums of {layer}"
    return names


def _tensor_name(planned: Planned, t: TensorId, name: str) -> str:
    rows, place = planned.graph.tensors[t].rows, planned.memory.storage.get(t)
    if place is None or place.ring == rows:
        return name
    return f"{name}, {place.ring} of {rows} rows"


def peak(planned: Planned) -> Peak:
    """Where the plan needs most; of several such regions the first."""
    problem, solution = named(planned)
    used = region_bytes(problem, solution, len(planned.schedule.regions))
    r = used.index(max(used))
    alive = [b for b in problem.buffers if b.start <= r < b.end and b.size_bytes]
    return Peak(r, used[r], tuple(sorted(alive, key=lambda b: (-b.size_bytes, b.name))))


def region_layers(planned: Planned, region: int) -> tuple[str, ...]:
    """The names of the layers that run in a region, in order."""
    return tuple(layer_name(op) for op in planned.schedule.regions[region].ops)


def inspection(planned: Planned) -> dict[str, Any]:
    """The JSON object of `netsuke inspect`. Sizes and offsets are bytes; time counts regions."""
    problem, solution = named(planned)
    highest = peak(planned)
    return {
        "arena_bytes": planned.memory.arena_bytes,
        "lower_bound_bytes": solution.lower_bound_bytes,
        "optimal": solution.optimal,
        "proof": solution.proof,
        "peak": {
            "region": highest.region,
            "bytes_in_use": highest.bytes_in_use,
            "buffers": [b.name for b in highest.buffers],
        },
        "regions": [
            {"layers": list(region_layers(planned, r)), "streamed": region.stream is not None}
            for r, region in enumerate(planned.schedule.regions)
        ],
        "layers": layer_names(planned),
        "buffers": [_buffer(b, solution.offsets) for b in problem.buffers],
        "overwriting": [
            {"output": o.output, "input": o.input, "distance_bytes": o.distance}
            for o in problem.overlaps
        ],
    }


def _buffer(buffer: Buffer, offsets: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    return {
        "name": buffer.name,
        "memory": offsets[buffer.name][0],
        "offset": offsets[buffer.name][1],
        "size_bytes": buffer.size_bytes,
        "start": buffer.start,
        "end": buffer.end,
    }
