# SPDX-License-Identifier: Apache-2.0
"""The report of a compilation as plain data; its keys are read by other programs."""

from __future__ import annotations

from typing import Any

from netsuke.compiler.schedule import ops_in_order
from netsuke.compiler.frontend import ModelFile
from netsuke.compiler.ir import Graph, Op
from netsuke.compiler.ops.registry import operator_of
from netsuke.compiler.planning import Planned
from netsuke.targets.target import Target
from netsuke.targets.toolchain import Firmware


def macs(graph: Graph) -> int:
    """Multiply-accumulates of one inference."""
    return sum(op_macs(graph, op) for op in graph.ops)


def op_macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of one operator."""
    return operator_of(op.attrs).macs(op.attrs, graph.input_tensors(op), graph.output(op))


def layer_names(planned: Planned) -> list[dict[str, Any]]:
    """Name, operator and MACs of each layer, in the order of execution.

    The name is TFLite's operator index and the operator's name, as in all messages.
    """
    return [
        {
            "name": f"{op.index} {operator_of(op.attrs).name}",
            "op": operator_of(op.attrs).builtin,
            "macs": op_macs(planned.graph, op),
            "output": list(planned.graph.output(op).shape),
        }
        for op in ops_in_order(planned.schedule)
    ]


def compile_report(
    source: Graph, planned: Planned, file: ModelFile, target: Target, firmware: Firmware | None
) -> dict[str, Any]:
    """The report of `netsuke compile` without `files`. Sizes are bytes; flash needs a build."""
    solution = planned.memory.solution
    return {
        "model": {
            "name": file.name,
            "sha256": file.sha256,
            "macs": macs(source),
            "macs_live": macs(planned.graph),
        },
        "target": {"name": target.name, "core": target.core, "emulator": target.emulator},
        "ram": _ram(planned, firmware),
        "flash": None if firmware is None else _flash(firmware),
        "schedule": {"mac_overhead": 1.0, "regions": len(planned.schedule.regions)},
        "layers": layer_names(planned),
        "files": [],
    }
