# SPDX-License-Identifier: Apache-2.0
"""Vision transformers as TensorFlow's converter exports them equal the oracle, layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.frontend import read_model
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.passes.pipeline import run_passes
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.schedule import ops_in_order
from netsuke.compiler.validation import expected, random_vectors, reference_inputs
from tests.support.host import build_host

FILES = sorted((Path(__file__).parents[2] / "data" / "exports").glob("*.tflite"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_numpy_equals_oracle(path: Path) -> None:
    """Before the passes and after them."""
    data = path.read_bytes()
    source, oracle = read_model(data, path.stem), Oracle(data)
    graph = run_passes(source)
    for vector in random_vectors(graph, 6, seed=1):
        inputs = reference_inputs(source, graph, vector)
        reference, values = oracle.run_layers(inputs), evaluate_all(source, inputs)
        assert [t for t in reference if values[t].tobytes() != reference[t].tobytes()] == []
        after = evaluate_all(graph, vector)
        for op in graph.ops:
            want = expected(graph, op.outputs[0], reference)
            if want is not None:
                assert after[op.outputs[0]].tobytes() == want.tobytes(), graph.output(op).name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_c_equals_oracle(path: Path, tmp_path: Path) -> None:
    """As planned, with attention head by head where that is recognised; every layer."""
    data = path.read_bytes()
    source, oracle = read_model(data, path.stem), Oracle(data)
    graph = run_passes(source)
    host, vectors = build_host(graph, tmp_path), random_vectors(graph, 6, seed=2)
    run = host.run([np.concatenate([v.ravel() for v in vector]) for vector in vectors])
    planned = host.planned
    for vector, layers in zip(vectors, run.layers, strict=True):
        reference = oracle.run_layers(reference_inputs(source, graph, vector))
        compared = 0
        for i, op in enumerate(ops_in_order(planned.schedule)):
            want = expected(planned.graph, op.outputs[0], reference)
            if want is not None:
                assert layers[i].tobytes() == want.tobytes(), planned.graph.output(op).name
                compared += 1
        assert compared > len(layers) // 3


def test_ways_to_write_an_attention_take_about_the_same_memory() -> None:
    """Joint projections, slices for each head and a class token against Keras' own layer."""
    wishes = Wishes(streamed=True, time_limit_s=0.5)
    graphs = [run_passes(read_model(path.read_bytes(), path.stem)) for path in FILES]
    arenas = [plan(graph, "portable", wishes).memory.arena_bytes for graph in graphs]
    assert max(arenas) <= 1.25 * min(arenas), arenas


def test_there_are_files() -> None:
    assert len(FILES) >= 6
