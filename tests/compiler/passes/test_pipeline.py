# SPDX-License-Identifier: Apache-2.0
"""All passes in order: what is dumped, that the published models keep their bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.frontend.load import load
from netsuke.compiler.ir import Array, DType, Graph, Tensor
from netsuke.compiler.passes import pipeline
from netsuke.compiler.passes.pipeline import PASSES, run_passes
from netsuke.compiler.verify import InvalidGraph
from tests.support.dead_work import dead_work
from tests.support.graphs import assert_same_layers, int8_inputs


def test_dumps_the_graph_as_read_and_after_each_pass() -> None:
    dumped: dict[str, Graph] = {}
    graph = dead_work(3)
    result = run_passes(graph, dumped.__setitem__)
    names = list(dumped)
    assert names == sorted(names) and len(names) == len(PASSES) + 1
    assert names[0] == "00-read" and names[1] == "01-strip_float_edges"
    assert dumped["00-read"] == graph and dumped[names[-1]] == result


def test_a_pass_that_breaks_the_graph_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_it(graph: Graph) -> Graph:
        return graph.replace(ops=graph.ops[1:])

    monkeypatch.setattr(pipeline, "PASSES", (break_it,))
    with pytest.raises(InvalidGraph, match="before it is written"):
        run_passes(dead_work(3))


@pytest.mark.parametrize("seed", range(20))
def test_random_networks(seed: int) -> None:
    before = dead_work(1000 + seed)
    after = run_passes(before)
    for inputs in int8_inputs(before, seed):
        assert_same_layers(before, after, inputs)


MODELS = (
    "ad01_int8",
    "kws_ref_model",
    "mcunet_vww1",
    "micro_speech_quantized",
    "pretrainedResnet_quant",
    "vww_96_int8",
)


@pytest.mark.parametrize("name", MODELS)
def test_published_models(models_dir: Path, name: str) -> None:
    before, _ = load(models_dir / f"{name}.tflite")
    after = run_passes(before)
    for inputs in int8_inputs(after):
        pairs = zip(before.inputs, after.inputs, inputs, strict=True)
        outer = [_outside(before.tensors[b], after.tensors[a], x) for b, a, x in pairs]
        wants, gots = evaluate(before, outer), evaluate(after, inputs)
        for b, a, want, got in zip(before.outputs, after.outputs, wants, gots, strict=True):
            expected = _outside(before.tensors[b], after.tensors[a], got)
            np.testing.assert_array_equal(want, expected)


def _outside(outer: Tensor, inner: Tensor, value: Array) -> Array:
    """An int8 value as the model file's input or output: of its shape, and float32 if that is."""
    if outer.dtype is DType.FLOAT32:
        value = (value.astype(np.float32) - inner.q.zero_point) * np.float32(inner.q.scale)
    return value.reshape(outer.shape)
