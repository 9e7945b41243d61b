# SPDX-License-Identifier: Apache-2.0
"""What the commands do with a board, or with the emulated one: run, validate."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netsuke.compiler.arrays import load_inputs, load_labels
from netsuke.compiler.bisection import bisect, require_free
from netsuke.compiler.datasets import accuracy, load_dataset
from netsuke.compiler.driver import Compiled, Options, Progress, build, compile_graph
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.project import temporary_directory
from netsuke.compiler.validation import Comparison, compare, random_vectors, result
from netsuke.targets.agent import AgentClient
from netsuke.targets.session import session
from netsuke.targets.target import Target, emulated


@dataclass(frozen=True, slots=True)
class Place:
    """Where to run: a target, and the port of a board that holds the model's firmware already."""

    target: Target
    port: str | None

    @property
    def runs_on(self) -> Target:
        """The target itself at a port, else what emulates it."""
        return self.target if self.port else emulated(self.target)


def measured_on(place: Place, client: AgentClient) -> Literal["board", "emulator", "host"]:
    """What a client's figures are of. Only the emulator counts instructions, whatever port leads
    to it."""
    if client.hello.unit == "instructions":
        return "emulator"
    return "host" if place.target.kind == "host" else "board"


def compile_for(model: Path, place: Place, options: Options, progress: Progress) -> Compiled:
    """The model, compiled for what it runs on, with the calls that profile and trace."""
    return compile_graph(model, place.runs_on, replace(options, observed=True), progress)


@contextlib.contextmanager
def running(
    compiled: Compiled, place: Place, options: Options, progress: Progress
) -> Iterator[AgentClient]:
    """A client of the firmware that runs a model which `compile_for` made with `options`."""
    target = place.runs_on
    with temporary_directory() as directory:
        firmware = None
        if place.port is None:
            firmware = build(compiled, target, directory, replace(options, observed=True), progress)
        with session(target, firmware, place.port) as client:
            client.require_model(compiled.origin.sha256)
            client.require_weights()
            progress(f"connected to {place.port or target.title}")
            yield client


def run(
    model: Path,
    place: Place,
    options: Options,
    inputs: Path,
    labels: Path | None,
    progress: Progress,
) -> tuple[Graph, list[Array], tuple[str, ...]]:
    """`netsuke run`: the compiled graph, its int8 outputs, and a name for each of the first one's
    values where a file of `labels` has them."""
    compiled = compile_for(model, place, options, progress)
    graph = compiled.planned.graph
    data = load_inputs(inputs, compiled.source, graph)
    names = load_labels(labels, graph.tensors[graph.outputs[0]].elements) if labels else ()
    with running(compiled, place, options, progress) as client:
        return graph, _split(client.run(data), graph), names


def _split(data: bytes, graph: Graph) -> list[Array]:
    outputs, at = [], 0
    for t in graph.outputs:
        tensor = graph.tensors[t]
        flat = np.frombuffer(data, np.int8, tensor.size_bytes, at)
        outputs.append(flat.reshape(tensor.shape))
        at += tensor.size_bytes
    return outputs


RANDOM_VECTORS = 3
"""How many random inputs `netsuke validate` takes unless told."""


def validate(
    model: Path,
    place: Place,
    options: Options,
    progress: Progress,
    *,
    count: int | None,
    seed: int,
    layers: bool,
    dataset: Path | None = None,
    report: Path | None = None,
) -> dict[str, Any]:
    """`netsuke validate`: `count` random vectors, or the first ones of a data set, on both sides.

    With a directory for a `report`, the comparison ends at the first vector that differs, whose
    first wrong layer is reported there.
    """
    if report is not None:
        require_free(report)
    compiled = compile_for(model, place, options, progress)
    source, planned = compiled.source, compiled.planned
    data = None if dataset is None else load_dataset(dataset, source, planned.graph, count)
    random = count or RANDOM_VECTORS
    vectors = data.vectors if data else random_vectors(planned.graph, random, seed)
    with running(compiled, place, options, progress) as client:
        oracle = Oracle(compiled.file.data)
        total, every = Comparison(), layers or report is not None
        for total in compare(client, oracle, source, planned, vectors, layers=every):
            _tell(progress, total, len(vectors))
            if report is not None and total.bytes_mismatched:
                break
        found = {"source": measured_on(place, client), **result(total, oracle, planned)}
        if data:
            found["dataset"] = accuracy(data.labels[: total.vectors], total.answers)
        if report is not None and total.bytes_mismatched:
            vector = vectors[total.vectors - 1]
            found |= bisect(client, oracle, compiled, place.runs_on, vector, report)
    return found


def _tell(progress: Progress, total: Comparison, count: int) -> None:
    """Progress after each of a few vectors, else some twenty times."""
    if count <= 20 or total.vectors % (count // 20) == 0 or total.vectors == count:
        progress(f"vector {total.vectors}/{count}: {total.bytes_mismatched} mismatched")


def input_bytes(vector: Sequence[Array]) -> bytes:
    """One array for each input as the bytes that the agent is given."""
    return b"".join(np.ascontiguousarray(v).tobytes() for v in vector)
