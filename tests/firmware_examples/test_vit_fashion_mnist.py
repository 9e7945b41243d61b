# SPDX-License-Identifier: Apache-2.0
"""The vision transformer example: the committed file is what its README says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tflite

EXAMPLES = Path(__file__).parents[2] / "firmware_examples"
MODEL = (EXAMPLES / "vit_fashion_mnist" / "vit_fashion_mnist.tflite").read_bytes()
README = (EXAMPLES / "vit_fashion_mnist" / "README.md").read_text(encoding="utf-8")
FILE = tflite.Model.GetRootAsModel(MODEL, 0)
GRAPH = FILE.Subgraphs(0)


def test_readme_counts_the_operators() -> None:
    names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if name.isupper()}
    ops = [GRAPH.Operators(i).OpcodeIndex() for i in range(GRAPH.OperatorsLength())]
    counts = Counter(names[FILE.OperatorCodes(op).BuiltinCode()] for op in ops)
    said = README.split(f"{len(ops)} operators: ")[1].split(".\n")[0].replace("\n", " ")
    assert sorted(said.split(", ")) == sorted(f"{count} {name}" for name, count in counts.items())


def test_no_tensor_is_float() -> None:
    types = {GRAPH.Tensors(i).Type() for i in range(GRAPH.TensorsLength())}
    assert types == {tflite.TensorType.INT8, tflite.TensorType.INT32}


def test_readme_gives_the_size() -> None:
    assert f"{len(MODEL):,} bytes of `.tflite`" in README.replace("\n", " ")
    assert len(MODEL) < 150_000


def test_reference_runs_the_samples() -> None:
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    interpreter = runtime.Interpreter.from_bytes(MODEL, arena_size=1 << 20)
    labels = []
    for sample in np.load(EXAMPLES / "fashion_mnist" / "images.npy"):
        interpreter.set_input(sample[np.newaxis], 0)
        interpreter.invoke()
        labels.append(int(np.argmax(interpreter.get_output(0))))
    assert sum(label == index for index, label in enumerate(labels)) >= 9
