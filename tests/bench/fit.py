# SPDX-License-Identifier: Apache-2.0
"""python -m tests.bench.fit: measures layers in the emulator and writes compiler/estimates.toml.

The layers are those of the benchmark models and random ones of every operator, with the kernels
of each instruction set.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from netsuke.compiler.boards import input_bytes
from netsuke.compiler.cost import macs
from netsuke.compiler.driver import Compiled, Options, build, compile_graph
from netsuke.compiler.errors import InputError
from netsuke.compiler.estimates import COEFFICIENTS, PARTS, Work, kernel_name, work_of
from netsuke.compiler.frontend.reader import read_model
from netsuke.compiler.ir import Array
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.planning import plan
from netsuke.compiler.schedule import ops_in_order
from netsuke.compiler.validation import random_vectors
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from tests.conftest import MODELS
from tests.support.op_cases import model_of
from tests.support.random_layers import random_layer

TARGET = "netduinoplus2"
"""Its timer counts every instruction."""

FITTED = ("kws_ref_model", "ad01_int8", "pretrainedResnet_quant", "mcunet_vww1", "vit_96_d96")
LARGE = 10_000_000
"""Multiply-accumulates beyond which portable kernels keep an emulator busy for minutes."""

SEEDS = range(9_000_000, 9_000_220)
RARE, RARE_SEEDS = {"BATCH_MATMUL", "MUL"}, range(9_000_220, 9_000_900)
"""Operators of which these layers have too few, and more seeds for them alone."""

FEWEST, MOST_WRONG = 6, 0.3
"""Layers that a kernel must have to be fitted, and the median error beyond which nothing is said
about it all the same."""

Sample = tuple[str, Work, int]
"""Kernel, work, instructions."""


def main() -> None:
    """Measure, fit, write."""
    samples: dict[str, list[tuple[Work, int]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        for model in _models(Path(name)):
            for isa in ("dsp", "portable"):
                print(f"fit: {model.stem}, {isa}", file=sys.stderr)
                for kernel, work, count in measure(model, isa):
                    samples[kernel].append((work, count))
    COEFFICIENTS.write_text(toml(fit_all(samples)), encoding="utf-8")


def fit_all(samples: Mapping[str, Sequence[tuple[Work, int]]]) -> dict[str, Array]:
    """The weights of each kernel that has enough layers, and explain them well enough."""
    enough = {k: found for k, found in sorted(samples.items()) if len(found) >= FEWEST}
    fitted = {kernel: fit(found) for kernel, found in enough.items()}
    return {k: weights for k, weights in fitted.items() if _error(weights, enough[k]) <= MOST_WRONG}


def _error(weights: Array, samples: Sequence[tuple[Work, int]]) -> float:
    """Half of the layers are estimated with a relative error of at most this."""
    errors = [abs(np.dot(weights, work.parts) / max(1, count) - 1) for work, count in samples]
    return float(np.median(errors))


def _models(directory: Path) -> Iterator[Path]:
    models = Path(os.environ.get("NETSUKE_MODELS", MODELS))
    yield from (models / f"{name}.tflite" for name in FITTED)
    cases = {}
    for seed in (*SEEDS, *RARE_SEEDS):
        case = random_layer(seed)
        if seed in RARE_SEEDS and case.builtin not in RARE:
            continue
        try:
            read_model(model_of({str(seed): case}), "net")
        except InputError:
            continue
        if case.builtin != "GELU":
            cases[str(seed)] = case
    names = list(cases)
    for part in range(0, len(names), 100):
        path = directory / f"layers{part}.tflite"
        path.write_bytes(model_of({n: cases[n] for n in names[part : part + 100]}))
        yield path


def measure(model: Path, isa: Isa) -> list[Sample]:
    """One inference of a model with the kernels of an instruction set."""
    target, options = find_target(TARGET), Options(observed=True)
    compiled = compile_graph(model, target, options, lambda _: None)
    if isa != "dsp":
        if macs(compiled.planned.graph) > LARGE:
            return []
        compiled = replace(compiled, planned=plan(compiled.planned.graph, isa))
    counts, planned = _counts(compiled, options), compiled.planned
    return [
        (
            kernel_name(planned.calls[op.index]),
            work_of(planned.graph, op, planned.schedule.blocks[op.index]),
            count,
        )
        for op, count in zip(ops_in_order(planned.schedule), counts, strict=True)
    ]


def _counts(compiled: Compiled, options: Options) -> Sequence[int]:
    target = find_target(TARGET)
    (vector,) = random_vectors(compiled.planned.graph, 1, seed=1)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = build(compiled, target, Path(name), options, lambda _: None)
        with session(target, firmware, None) as client:
            client.run(input_bytes(vector), paint=True)
            return client.profile().layers


def fit(samples: Sequence[tuple[Work, int]]) -> Array:
    """The weights of PARTS, none of them negative: what would be is left out.

    The sum of absolute, not squared, relative errors is least, by squares weighed again and again:
    a few odd layers do not spoil the others. Layers that take less than half an instruction for a
    product or an output were folded away, since what they compute is constant, and tell nothing.
    """
    real = [(work, count) for work, count in samples if count > max(work.macs, work.outputs) / 2]
    counts = np.array([count for _, count in real], np.float64)
    parts = np.array([work.parts for work, _ in real], np.float64) / counts[:, None]
    trust = 1 / (1 + parts.max(axis=1))
    weights = np.zeros(len(PARTS))
    for _ in range(ROUNDS):
        weights = _least_squares(parts, trust)
        trust = 1 / np.maximum(CLOSE, np.abs(parts @ weights - 1))
    return weights


ROUNDS, CLOSE = 50, 0.01
"""Until nothing changes; the relative error below which layers are alike."""


def _least_squares(parts: Array, trust: Array) -> Array:
    """The weights, none of them negative, for which parts @ weights is best about 1."""
    root = np.sqrt(trust)
    best, least = np.zeros(len(PARTS)), float(trust.sum())
    for count in range(1, len(PARTS) + 1):
        for used in map(list, itertools.combinations(range(len(PARTS)), count)):
            weights = np.zeros(len(PARTS))
            weights[used] = np.linalg.lstsq(parts[:, used] * root[:, None], root, rcond=None)[0]
            error = float(np.sum(trust * (parts @ weights - 1) ** 2))
            if weights.min() >= 0 and error < least:
                best, least = weights, error
    return best


def toml(fitted: Mapping[str, Array]) -> str:
    """The text of the file."""
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        "# Instructions of kernels on a Cortex-M4, fitted: python -m tests.bench.fit",
        "",
        "[kernels]",
    ]
    for name, weights in fitted.items():
        pairs = (f"{part} = {w:.3f}" for part, w in zip(PARTS, weights, strict=True))
        lines.append(f"{name} = {{ {', '.join(pairs)} }}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
