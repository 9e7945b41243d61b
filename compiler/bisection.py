# SPDX-License-Identifier: Apache-2.0
"""The first layer whose bytes are wrong on a board, and a report of it to attach to a bug."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netsuke import __version__
from netsuke.compiler.driver import Compiled
from netsuke.compiler.errors import InputError
from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.ir import Array, Op, Tensor, TensorId
from netsuke.compiler.ir_text import format_graph
from netsuke.compiler.ops.base import ConstArray, KernelCall, ParamValue
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.project import make_directory, write_text
from netsuke.compiler.report import layer_name
from netsuke.compiler.schedule import ops_in_order
from netsuke.compiler.validation import expected, reference_inputs
from netsuke.targets.agent import AgentClient
from netsuke.targets.target import Target

SHOWN = 20
"""Differing bytes that the report lists."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A layer with right inputs and a wrong output; `op` is number `layer` in the order of
    execution. `got` and `want` are int8 of the output's shape, `inputs` what the layer reads.

    `reference` says who computed `want`: the oracle, or numpy where passes have changed a layer so
    that the model file has no such tensor. `numpy_agrees` is false where numpy's is another: then
    the compiler is wrong, not the kernel.
    """

    layer: int
    op: Op
    vector: Sequence[Array]
    inputs: Mapping[TensorId, Array]
    got: Array
    want: Array
    reference: str
    numpy_agrees: bool


def first_divergence(
    client: AgentClient, oracle: Oracle, compiled: Compiled, vector: Sequence[Array]
) -> Divergence | None:
    """Runs one vector, fetches the output of every layer and finds the first wrong one."""
    planned = compiled.planned
    graph, ops = planned.graph, ops_in_order(planned.schedule)
    reference = oracle.run_layers(reference_inputs(compiled.source, graph, vector))
    values = evaluate_all(graph, vector)
    sizes = {i: graph.output(op).size_bytes for i, op in enumerate(ops)}
    _, seen = client.trace(b"".join(np.ascontiguousarray(v).tobytes() for v in vector), sizes)
    for i, op in enumerate(ops):
        t = op.outputs[0]
        mine, defined = values[t], expected(graph, t, reference)
        want = mine if defined is None else defined.reshape(mine.shape)
        got = seen[i].view(np.int8).reshape(mine.shape)
        if not np.array_equal(got, want):
            inputs = {t: values[t] for t in graph.activation_inputs(op)}
            source = "numpy" if defined is None else oracle.name
            agrees = np.array_equal(mine, want)
            return Divergence(i, op, vector, inputs, got, want, source, agrees)
    return None


def bisect(
    client: AgentClient,
    oracle: Oracle,
    compiled: Compiled,
    target: Target,
    vector: Sequence[Array],
    directory: Path,
) -> dict[str, Any]:
    """Reports the first wrong layer of a vector to `directory`; what `netsuke validate` adds to
    its answer. Nothing where all layers are right this time."""
    found = first_divergence(client, oracle, compiled, vector)
    if found is None:
        return {}
    write_report(directory, found, compiled, target, oracle)
    return {"first_divergent_layer": layer_name(found.op), "report": str(directory)}


def require_free(directory: Path) -> None:
    """Raises InputError unless a report may be written to `directory`: nothing is overwritten."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InputError(
            str(directory), "it exists", "a new or empty directory", "choose another with --report"
        )


def write_report(
    directory: Path, found: Divergence, compiled: Compiled, target: Target, oracle: Oracle
) -> None:
    """Writes report.json, the tensors and the layer's constants as .npy, and the graph as text."""
    require_free(directory)
    make_directory(directory)
    names = _names(_kernels(found, compiled))
    for name, array in _arrays(found, names, compiled).items():
        np.save(directory / f"{name}.npy", array)
    text = json.dumps(_report(found, names, compiled, target, oracle), indent=2)
    write_text(directory / "report.json", text + "\n")
    write_text(directory / "graph.txt", format_graph(compiled.planned.graph))


def _arrays(found: Divergence, names: Mapping[bytes, str], compiled: Compiled) -> dict[str, Array]:
    """What the report keeps, by the name of the file without .npy."""
    constants = {_content(v): v.values for k in _kernels(found, compiled) for v in _constants(k)}
    return {
        "got": found.got,
        "want": found.want,
        **{f"input_{i}": array for i, array in enumerate(found.inputs.values())},
        **{f"model_input_{i}": array for i, array in enumerate(found.vector)},
        **{names[content]: array for content, array in constants.items()},
    }


def _kernels(found: Divergence, compiled: Compiled) -> list[KernelCall]:
    """The calls of kernels that compute the layer, its last and shorter one included."""
    calls = (compiled.planned.calls[found.op.index], compiled.planned.tails.get(found.op.index))
    return [kernel for call in calls if call is not None for kernel in call.kernels]


def _constants(kernel: KernelCall) -> list[ConstArray]:
    return [value for _, value in kernel.params if isinstance(value, ConstArray)]


def _content(array: ConstArray) -> bytes:
    return array.values.dtype.str.encode() + array.values.tobytes()


def _names(kernels: Sequence[KernelCall]) -> dict[bytes, str]:
    """A file name for each constant array, by its content: kernels share many."""
    names: dict[bytes, str] = {}
    for kernel in kernels:
        for field, value in kernel.params:
            if isinstance(value, ConstArray):
                names.setdefault(_content(value), f"param_{len(names)}_{field}")
    return names


def _report(
    found: Divergence,
    names: Mapping[bytes, str],
    compiled: Compiled,
    target: Target,
    oracle: Oracle,
) -> dict[str, Any]:
    graph, planned, op = compiled.planned.graph, compiled.planned, found.op
    place = planned.memory.storage[op.outputs[0]]
    return {
        "netsuke": __version__,
        "model": {"name": compiled.file.name, "sha256": compiled.file.sha256},
        "target": {"name": target.name, "core": target.core},
        "oracle": {"name": oracle.name, "version": oracle.version},
        "layer": {
            "name": layer_name(op),
            "position": found.layer,
            "attributes": repr(op.attrs),
            "rows_in_one_call": planned.schedule.blocks[op.index],
            "output": _tensor(graph.output(op)),
            "inputs": [_tensor(graph.tensors[t]) for t in found.inputs],
        },
        "kernels": [_kernel(kernel, names) for kernel in _kernels(found, compiled)],
        "memory": {"offset": place.offset, "row_bytes": place.row_bytes, "rows": place.ring},
        "reference": found.reference,
        "numpy_agrees": found.numpy_agrees,
        "differences": _differences(found),
    }


def _kernel(kernel: KernelCall, names: Mapping[bytes, str]) -> dict[str, Any]:
    def shown(value: ParamValue) -> int | str | None:
        return f"{names[_content(value)]}.npy" if isinstance(value, ConstArray) else value

    return {
        "function": kernel.function,
        "source": kernel.source,
        "scratch_bytes": kernel.scratch_bytes,
        "params": {name: shown(value) for name, value in kernel.params},
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    quant = tensor.quant
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "scales": [] if quant is None else list(quant.scales),
        "zero_points": [] if quant is None else list(quant.zero_points),
    }


def _differences(found: Divergence) -> dict[str, Any]:
    wrong = np.argwhere(found.got != found.want)
    apart = np.abs(found.got.astype(np.int32) - found.want.astype(np.int32))
    return {
        "bytes": len(wrong),
        "of": found.want.size,
        "max_abs": int(apart.max()),
        "first": [
            {"index": at, "got": int(found.got[tuple(at)]), "want": int(found.want[tuple(at)])}
            for at in wrong[:SHOWN].tolist()
        ],
    }
