# SPDX-License-Identifier: Apache-2.0
"""What the commands do with a board, or with the emulated one: run, validate."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netsuke.compiler.arrays import load_inputs
from netsuke.compiler.bisection import bisect, require_free
from netsuke.compiler.datasets import accuracy, load_dataset
from netsuke.compiler.driver import Compiled, Options, Progress, build, compile_graph
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.oracle import Oracle
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


@contextlib.contextmanager
def running(
    model: Path, place: Place, options: Options, progress: Progress
) -> Iterator[tuple[Compiled, AgentClient]]:
    """The compiled model and a client of the firmware that runs it."""
    target = place.runs_on
    observed = replace(options, observed=True)
    compiled = compile_graph(model, target, observed, progress)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = None
        if place.port is None:
            firmware = build(compiled, target, Path(name), observed, progress)
        with session(target, firmware, place.port) as client:
            client.require_model(compiled.origin.sha256)
            client.require_weights()
            progress(f"connected to {place.port or target.title}")
            yield compiled, client


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
    with running(model, place, options, progress) as (compiled, client):
        oracle, source, planned = Oracle(compiled.file.data), compiled.source, compiled.planned
        data = None if dataset is None else load_dataset(dataset, source, planned.graph, count)
        random = count or RANDOM_VECTORS
        vectors = data.vectors if data else random_vectors(planned.graph, random, seed)
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
