# SPDX-License-Identifier: Apache-2.0
"""Whole networks: every layer that numpy computes equals the oracle's, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.evaluate import evaluate_all
from netsuke.compiler.frontend import read_model
from netsuke.compiler.ir import Array, DType, Tensor
from netsuke.compiler.oracle import Oracle
from tests.support.small_models import SMALL_MODELS

SHARED_MODELS = Path(__file__).parents[2].parent / "shared" / "models"
TRAINED = (
    "ad01_int8",
    "kws_ref_model",
    "mcunet_vww1",
    "micro_speech_quantized",
    "pretrainedResnet_quant",
    "vit_96_d96",
    "vit_96_d96_keras_ln_gelu",
    "vit_96_d96_lowrank",
    "vww_96_int8",
)


def random_input(tensor: Tensor, rng: np.random.Generator) -> Array:
    if tensor.dtype is DType.FLOAT32:
        return rng.normal(0, 2, tensor.shape).astype(np.float32)
    return rng.integers(-128, 128, tensor.shape).astype(np.int8)


def assert_layers_equal(data: bytes, name: str) -> None:
    graph, rng = read_model(data, name), np.random.default_rng(7)
    inputs = [random_input(graph.tensors[t], rng) for t in graph.inputs]
    expected, values = Oracle(data).run_layers(inputs), evaluate_all(graph, inputs)
    assert sorted(expected) == sorted(op.outputs[0] for op in graph.ops)
    different = [t for t in expected if values[t].tobytes() != expected[t].tobytes()]
    assert different == []


@pytest.mark.parametrize("name", SMALL_MODELS)
def test_small_models(name: str) -> None:
    assert_layers_equal(SMALL_MODELS[name](), name)


@pytest.mark.parametrize("name", TRAINED)
def test_trained_models(name: str) -> None:
    path = SHARED_MODELS / f"{name}.tflite"
    if not path.exists():
        pytest.skip("needs the trained models in ../shared/models")
    assert_layers_equal(path.read_bytes(), name)
