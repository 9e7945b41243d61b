# SPDX-License-Identifier: Apache-2.0
"""What the commands do with a board, or with the emulated one: run, validate, profile."""

from __future__ import annotations

import contextlib
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from netsuke.compiler.driver import Compiled, Options, Progress, build, compile_graph
from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, DType, Graph, TensorId
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.report import layer_names
from netsuke.compiler.validation import compare, random_vectors, result
from netsuke.targets.agent import AgentClient
from netsuke.targets.session import session
from netsuke.targets.target import Target, emulated


@dataclass(frozen=True, slots=True)
class Place:
    """Where to run: a target, and the port of a board that holds the model's firmware already."""

    target: Target
    port: str | None


@contextlib.contextmanager
def running(
    model: Path, place: Place, options: Options, progress: Progress
) -> Iterator[tuple[Compiled, AgentClient]]:
    """The compiled model and a client of the firmware that runs it."""
    target = place.target if place.port else emulated(place.target)
    observed = replace(options, observed=True)
    compiled = compile_graph(model, target, observed, progress)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = None
        if place.port is None:
            firmware = build(compiled, target, Path(name), observed, progress)
        with session(target, firmware, place.port) as client:
            client.require_model(compiled.origin.sha256)
            progress(f"connected to {place.port or target.title}")
            yield compiled, client


def load_inputs(path: Path, source: Graph, graph: Graph) -> bytes:
    """The int8 bytes of all inputs from a .npy file, or from an .npz with one array an input.

    Arrays are int8, or float32 where the model file has float32 there; any shape of the right
    number of elements.
    """
    arrays = _load_arrays(path)
    if len(arrays) != len(graph.inputs):
        raise InputError(str(path), f"{len(arrays)} arrays", f"{len(graph.inputs)}, one an input")
    pairs = zip(source.inputs, graph.inputs, arrays, strict=True)
    return b"".join(_int8(path, source, graph, s, t, array).tobytes() for s, t, array in pairs)


DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    MemoryError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy.load raises for files that are missing, damaged, encrypted, or claim to be huge."""


def _load_arrays(path: Path) -> list[Array]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return [loaded]
        with loaded:
            found = [loaded[name] for name in loaded.files]
    except DAMAGED as error:
        said = [*str(error).splitlines(), type(error).__name__]
        raise InputError(str(path), said[0], "a .npy or .npz file") from None
    if not all(isinstance(array, np.ndarray) for array in found):
        raise InputError(str(path), "members that are no arrays", "an .npz of arrays")
    return found


def _int8(path: Path, source: Graph, graph: Graph, s: TensorId, t: TensorId, array: Array) -> Array:
    tensor = graph.tensors[t]
    real = source.tensors[s].dtype is DType.FLOAT32
    allowed = ("int8", "float32") if real else ("int8",)
    want = f"{' or '.join(allowed)}, {tensor.elements} elements ({list(tensor.shape)})"
    if array.dtype.name not in allowed or array.size != tensor.elements:
        raise InputError(str(path), f"{array.dtype}, {array.size} elements", want)
    if tensor.origin is not None:
        array = tensor.origin.of(array.reshape(source.tensors[s].shape))
    if array.dtype != np.float32:
        return array
    scaled = array / np.float32(tensor.q.scale)
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + tensor.q.zero_point
    quantized: Array = np.clip(rounded, -128, 127).astype(np.int8)
    return quantized


def run(
    model: Path, place: Place, options: Options, inputs: Path, progress: Progress
) -> tuple[Graph, list[Array]]:
    """`netsuke run`: the compiled graph and its int8 outputs."""
    with running(model, place, options, progress) as (compiled, client):
        graph = compiled.planned.graph
        data = client.run(load_inputs(inputs, compiled.source, graph))
    return graph, _split(data, graph)


def _split(data: bytes, graph: Graph) -> list[Array]:
    outputs, at = [], 0
    for t in graph.outputs:
        tensor = graph.tensors[t]
        flat = np.frombuffer(data, np.int8, tensor.size_bytes, at)
        outputs.append(flat.reshape(tensor.shape))
        at += tensor.size_bytes
    return outputs


def validate(
    model: Path,
    place: Place,
    options: Options,
    progress: Progress,
    *,
    count: int,
    seed: int,
    layers: bool,
) -> dict[str, Any]:
    """`netsuke validate`: random vectors on both sides, byte for byte."""
    with running(model, place, options, progress) as (compiled, client):
        oracle = Oracle(compiled.file.data)
        vectors = random_vectors(compiled.planned.graph, count, seed)
        total = None
        for total in compare(
            client, oracle, compiled.source, compiled.planned, vectors, layers=layers
        ):
            progress(f"vector {total.vectors}/{count}: {total.bytes_mismatched} mismatched")
        assert total is not None
        return result(total, oracle, compiled.planned)


def profile(
    model: Path, place: Place, options: Options, progress: Progress, *, seed: int
) -> dict[str, Any]:
    """`netsuke profile`: counts of one inference by layer."""
    with running(model, place, options, progress) as (compiled, client):
        (vector,) = random_vectors(compiled.planned.graph, 1, seed)
        client.run(_bytes(vector), paint=True)
        counts = client.profile()
    layers = layer_names(compiled.planned)
    for layer, count in zip(layers, counts.layers, strict=True):
        layer["count"] = count
    return {
        "source": "board" if place.port else "host" if place.target.kind == "host" else "emulator",
        "unit": counts.unit,
        "total": counts.total,
        "layers": layers,
        "ram": {
            "arena_bytes": compiled.planned.memory.arena_bytes,
            "arena_watermark_bytes": counts.arena_watermark_bytes,
            "stack_watermark_bytes": counts.stack_watermark_bytes,
        },
    }


def _bytes(vector: Sequence[Array]) -> bytes:
    return b"".join(np.ascontiguousarray(v).tobytes() for v in vector)
