# SPDX-License-Identifier: Apache-2.0
"""The report of a compilation as plain data; its keys are read by other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netsuke.compiler.cost import mac_overhead, macs, once_macs, op_macs
from netsuke.compiler.estimates import alternatives, kernel_name
from netsuke.compiler.frontend import ModelFile
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.base import ConstArray, Isa
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.planning import LEANER, Planned
from netsuke.compiler.schedule import ops_in_order
from netsuke.targets.firmware import Firmware
from netsuke.targets.target import Target, emulated


def layer_name(op: Op) -> str:
    """TFLite's operator index and the operator's name, as in all messages; a part of an operator
    has a number of its own behind the index."""
    return operator_of(op.attrs).title(op.attrs, op.place)


def layer_names(planned: Planned) -> list[dict[str, Any]]:
    """Name, operator and MACs of each layer, in the order of execution."""
    return [
        {
            "name": layer_name(op),
            "op": operator_of(op.attrs).builtin,
            "macs": op_macs(planned.graph, op),
            "output": list(planned.graph.output(op).shape),
        }
        for op in ops_in_order(planned.schedule)
    ]


def layer_kernels(planned: Planned, target: Target) -> list[dict[str, Any]]:
    """Which kernel each layer has and why, in the order of execution. Instructions are estimated,
    null for kernels that were not measured."""
    graph, schedule = planned.graph, planned.schedule
    return [
        _kernel(planned, op, alternatives(graph, op, _isa(target), schedule.blocks[op.index]))
        for op in ops_in_order(schedule)
    ]


def _isa(target: Target) -> Isa:
    return "dsp" if target.isa.dsp else "portable"


def _kernel(planned: Planned, op: Op, counts: Mapping[str, int]) -> dict[str, Any]:
    name = kernel_name(planned.calls[op.index])
    others = {other: count for other, count in counts.items() if other != name}
    said = [f"{name}: {counts[name]:,} instructions est." if name in counts else f"{name}"]
    said += [f"{other} {count:,}" for other, count in others.items()]
    if planned.schedule.isas.get(op.index) in LEANER.values():
        said.append("fewer pixels at once, for less scratch")
    return {
        "name": name,
        "instructions_estimated": counts.get(name),
        "alternatives": others,
        "reason": "; ".join(said),
    }


def layer_flash(planned: Planned, code: Sequence[int]) -> list[dict[str, int | None]]:
    """Bytes of flash of each layer, in the order of execution.

    `code` has each layer's own code (kernels that layers share are nobody's), or is empty where
    nothing was built. An array that several layers read counts for the first of them.
    """
    seen: set[tuple[str, str, bytes]] = set()
    found = []
    for i, op in enumerate(ops_in_order(planned.schedule)):
        sizes = {"weights": 0, "params": 0}
        for array in _arrays(planned, op):
            key = (array.kind, array.values.dtype.name, array.values.tobytes())
            if key not in seen:
                seen.add(key)
                sizes[array.kind] += array.values.nbytes
        found.append(
            {
                "code_bytes": code[i] if code else None,
                "weights_bytes": sizes["weights"],
                "params_bytes": sizes["params"],
            }
        )
    return found


def _arrays(planned: Planned, op: Op) -> list[ConstArray]:
    """The constant arrays that an operator's kernels read."""
    calls = (planned.calls[op.index], planned.tails.get(op.index))
    kernels = [kernel for call in calls if call is not None for kernel in call.kernels]
    params = [value for kernel in kernels for _, value in kernel.params]
    return [value for value in params if isinstance(value, ConstArray)]


def compile_report(
    source: Graph,
    planned: Planned,
    file: ModelFile,
    target: Target,
    firmware: Firmware | None,
    stack_bytes: int | None,
    layer_code: Sequence[int] = (),
) -> dict[str, Any]:
    """The report of `netsuke compile` without `files`. Sizes are bytes.

    Flash, stack and code of layers are null where no firmware was built, or none for a board.
    """
    static_bytes = context_bytes(planned)
    flash = layer_flash(planned, layer_code)
    return {
        "model": {
            "name": file.name,
            "sha256": file.sha256,
            "macs": macs(source),
            "macs_live": once_macs(planned.graph),
        },
        "target": {"name": target.name, "core": target.core, "emulator": emulated(target).machine},
        "ram": _ram(planned, static_bytes, stack_bytes),
        "flash": _flash(firmware, file.name) if firmware and firmware.sizes.contributions else None,
        "schedule": {
            "mac_overhead": mac_overhead(planned.graph),
            "regions": len(planned.schedule.regions),
            **order_report(planned),
        },
        "layers": [
            {**layer, "flash": sizes, "kernel": kernel}
            for layer, sizes, kernel in zip(
                layer_names(planned), flash, layer_kernels(planned, target), strict=True
            )
        ],
        "files": [],
    }


def order_report(planned: Planned) -> dict[str, Any]:
    """Whether the order of the operators is the best of all, and a peak of bytes alive that no
    order has less of."""
    schedule = planned.schedule
    order = "exact" if schedule.exact_order else "best found"
    return {"order": order, "order_bound_bytes": schedule.least_peak_bytes}


def context_bytes(planned: Planned) -> int:
    """Size of the model's context struct on a 32-bit core: the arena's address, and for a
    streamed input the rows pushed and the rows that each layer of the first region has made."""
    first = planned.schedule.regions[0]
    parts = len(planned.memory.memories)
    return 4 * parts if first.stream is None else 4 * (1 + parts + len(first.ops))


def _ram(planned: Planned, static_bytes: int, stack_bytes: int | None) -> dict[str, Any]:
    memory = planned.memory
    return {
        "arena_bytes": memory.arena_bytes,
        "memories": dict(memory.memories),
        "input_bytes": 0,
        "static_bytes": static_bytes,
        "stack_bytes": stack_bytes,
        "total_bytes": memory.arena_bytes + static_bytes + (stack_bytes or 0),
        "lower_bound_bytes": memory.solution.lower_bound_bytes,
        "optimal": memory.solution.optimal,
        "proof": memory.solution.proof,
    }


def _flash(firmware: Firmware, name: str) -> dict[str, int]:
    """Flash of the model called `name` alone: the agent, the port, the glue between and the check
    of the weights, which stands with them, are left out."""
    parts = [
        part
        for part in firmware.sizes.contributions
        if not part.object.startswith("agent/")
        and part.object != f"model/{name}_glue"
        and (part.object != f"model/{name}_weights" or part.output not in (".text", ".rodata"))
    ]

    def total(*outputs: str) -> int:
        return sum(part.size_bytes for part in parts if part.output in outputs)

    internal = {
        "code_bytes": total(".text", ".rodata", ".data"),
        "weights_bytes": total(".nk_weights"),
        "params_bytes": total(".nk_params"),
    }
    external = total(".nk_weights_ext")
    return {
        **internal,
        "total_bytes": sum(internal.values()) + external,
        "external_bytes": external,
    }
