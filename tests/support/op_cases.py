# SPDX-License-Identifier: Apache-2.0
"""Runs a table of single-operator cases: numpy and generated C must equal tflite-micro.

A test module of an operator defines `CASES` and calls `equals_oracle` and `c_equals_oracle`. All
parameters of a case differ from each other, so that swapped arguments fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from netsuke.compiler.evaluate import evaluate
from netsuke.compiler.frontend.reader import check, read_model
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.oracle import Oracle
from tests.support.host import build_host
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model

VECTORS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One operator: inputs with `data` are constants, the others are fed."""

    builtin: str
    inputs: Sequence[TensorSpec]
    output: TensorSpec
    options: Mapping[str, Any] = field(default_factory=dict)
    low: int = -128
    high: int = 127
    more_outputs: Sequence[TensorSpec] = ()


def t(
    shape: tuple[int, ...],
    scale: float | None = None,
    zero_point: int = 0,
    *,
    data: Any = None,
    dtype: str = "int8",
) -> TensorSpec:
    """A tensor of a case; `data` makes it a constant."""
    array = None if data is None else np.asarray(data, dtype).reshape(shape)
    return TensorSpec("", shape, dtype, scale, zero_point, data=array)


def ints(*values: int) -> TensorSpec:
    """A constant vector of axes, a shape, ..."""
    return t((len(values),), data=values, dtype="int32")


def random_constant(shape: tuple[int, ...], scale: float, zero_point: int, seed: int) -> TensorSpec:
    """A constant of random int8 numbers."""
    data = np.random.default_rng(seed).integers(-128, 128, shape)
    return t(shape, scale, zero_point, data=data)


def model_of(cases: Mapping[str, Case]) -> bytes:
    """One TFLite model that holds all `cases`, side by side."""
    tensors: list[TensorSpec] = []
    ops, inputs, outputs = [], [], []
    for i, case in enumerate(cases.values()):
        given = [replace(s, name=f"in{i}_{k}") for k, s in enumerate(case.inputs)]
        specs = enumerate((case.output, *case.more_outputs))
        out = [replace(s, name=f"out{i}_{k}") for k, s in specs]
        tensors += [*given, *out]
        names = [s.name for s in given], [s.name for s in out]
        ops.append(OpSpec(case.builtin, *names, case.options))
        inputs += [s.name for s in given if s.data is None]
        outputs += [s.name for s in out]
    return build_model(tensors, ops, inputs, outputs)


def graph_of(cases: Mapping[str, Case]) -> Graph:
    """The graph of `model_of`, through the frontend."""
    return read_model(model_of(cases), "net")


def problems(case: Case) -> str:
    """What `netsuke check` says about a case, one line for each problem."""
    return "\n".join(check(model_of({"case": case})))


def vectors(cases: Mapping[str, Case], count: int = VECTORS, seed: int = 1) -> list[list[Array]]:
    """Random inputs of `model_of(cases)`; a first one that holds all extremes of each case."""
    rng = np.random.default_rng(seed)
    specs = [(s, c) for c in cases.values() for s in c.inputs if s.data is None]
    return [[_random(rng, s, c) for s, c in specs] for _ in range(count)]


def _random(rng: np.random.Generator, spec: TensorSpec, case: Case) -> Array:
    if spec.dtype == "float32":
        return rng.uniform(-4, 4, spec.shape).astype(np.float32)
    return rng.integers(case.low, case.high + 1, spec.shape).astype(spec.dtype)


def equals_oracle(case: Case, count: int = VECTORS) -> None:
    """Asserts that numpy computes what tflite-micro does."""
    cases = {"case": case}
    graph, oracle = graph_of(cases), Oracle(model_of(cases))
    for inputs in vectors(cases, count):
        for got, want in zip(evaluate(graph, inputs), oracle.run(inputs), strict=True):
            np.testing.assert_array_equal(got, want)


def c_equals_oracle(cases: Mapping[str, Case], directory: Path, isa: Isa = "portable") -> None:
    """Asserts that generated C, under sanitizers, computes what tflite-micro does."""
    graph, oracle = graph_of(cases), Oracle(model_of(cases))
    given = vectors(cases)
    host = build_host(graph, directory, isa=isa, observed=False)
    run = host.run([np.concatenate([v.ravel() for v in inputs]) for inputs in given])
    for inputs, output in zip(given, run.outputs, strict=True):
        want, at = oracle.run(inputs), 0
        names = [name for name, case in cases.items() for _ in (case.output, *case.more_outputs)]
        for name, value in zip(names, want, strict=True):
            got = output[at : at + value.size].reshape(value.shape)
            np.testing.assert_array_equal(got, value, err_msg=name)
            at += value.size
