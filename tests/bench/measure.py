# SPDX-License-Identifier: Apache-2.0
"""One model, built as a product would have it, run once and compared with the oracle."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netsuke.codegen.c_model import Optimize
from netsuke.compiler.driver import Compiled, Options, Progress, build, compile_graph
from netsuke.compiler.errors import AnswerNo
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.planning import Wishes
from netsuke.compiler.report import compile_report
from netsuke.compiler.validation import compare, random_vectors
from netsuke.targets.session import session
from netsuke.targets.target import Target, find_target
from tests.bench.count import estimate_inference

BENCHMARKS: Mapping[str, str] = {
    "vww_96_int8": "mps2-an386",
    "kws_ref_model": "mps2-an386",
    "pretrainedResnet_quant": "mps2-an386",
    "ad01_int8": "mps2-an386",
    "micro_speech_quantized": "mps2-an386",
    "mcunet_vww1": "mps2-an386",
    "mobilenet_v2_224": "mps2-an500",
    "vit_96_d96": "mps2-an386",
    "mcuformer_d192_p16_depth2": "mps2-an386",
}
"""Name of the model file, and the emulated board: a Cortex-M4, or an M7 where that is too small."""


@dataclass(frozen=True, slots=True)
class Built:
    """Instructions of one inference; flash of the model without agent and start-up code."""

    instructions: int
    code_bytes: int
    params_bytes: int
    weights_bytes: int

    @property
    def flash_bytes(self) -> int:
        """All of the flash."""
        return self.code_bytes + self.params_bytes + self.weights_bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one model. `macs` are those of the model file, `macs_live` those computed.

    The arenas are those of a resident and of a streamed input; `speed` and `size` are built for
    a resident one. `m4_cycles_estimate` is that of `speed`, None for another core than a Cortex-M4.
    """

    target: str
    model_bytes: int
    macs: int
    macs_live: int
    arena_resident_bytes: int
    arena_streamed_bytes: int
    speed: Built
    size: Built
    m4_cycles_estimate: int | None = None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Measured:
        """The inverse of dataclasses.asdict."""
        built = {key: Built(**value[key]) for key in ("speed", "size")}
        return cls(**{**value, **built})


def measure(model: Path, target: Target, progress: Progress) -> Measured:
    """Compile and run a model. Raises AnswerNo where one byte differs from the oracle's."""
    compiled = compile_graph(model, target, Options(), progress)
    streamed = compile_graph(model, target, Options(wishes=Wishes(streamed=True)), progress)
    speed = _run(compiled, target, "speed", progress)
    size = _run(compiled, target, "size", progress)
    report = compile_report(compiled.source, compiled.planned, compiled.file, target, None, None)
    return Measured(
        target=target.name,
        model_bytes=len(compiled.file.data),
        macs=report["model"]["macs"],
        macs_live=report["model"]["macs_live"],
        arena_resident_bytes=compiled.planned.memory.arena_bytes,
        arena_streamed_bytes=streamed.planned.memory.arena_bytes,
        speed=speed,
        size=size,
        m4_cycles_estimate=_cycles(compiled, target, progress),
    )


def _run(compiled: Compiled, target: Target, optimize: Optimize, progress: Progress) -> Built:
    """Build without the calls that profile and trace, run one random vector, count."""
    source, planned, file = compiled.source, compiled.planned, compiled.file
    vectors = random_vectors(planned.graph, 1, seed=1)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = build(compiled, target, Path(name), Options(optimize), progress)
        flash = compile_report(source, planned, file, target, firmware, None)["flash"]
        with session(target, firmware, None) as client:
            oracle = Oracle(file.data)
            (total,) = compare(client, oracle, source, planned, vectors, layers=False)
            count = client.profile().total
    if total.bytes_mismatched:
        raise AnswerNo(file.name, f"{total.bytes_mismatched} mismatched bytes", "none")
    weights = flash["weights_bytes"] + flash["external_bytes"]
    return Built(count, flash["code_bytes"], flash["params_bytes"], weights)


def instructions(compiled: Compiled, target: Target, progress: Progress) -> int:
    """Of one inference, built for speed; raises AnswerNo where a byte differs from the oracle's."""
    return _run(compiled, target, "speed", progress).instructions


def _cycles(compiled: Compiled, target: Target, progress: Progress) -> int | None:
    """Estimate, for the same image and the same vector as `speed`."""
    if target.core != "cortex-m4":
        return None
    (vector,) = random_vectors(compiled.planned.graph, 1, seed=1)
    data = b"".join(np.ascontiguousarray(v).tobytes() for v in vector)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = build(compiled, target, Path(name), Options("speed"), progress)
        return estimate_inference(target.machine, firmware, data, Path(name)).cycles


def measure_all(directory: Path, progress: Progress) -> dict[str, Measured]:
    """Every benchmark model of a folder, by name."""
    return {
        name: measure(directory / f"{name}.tflite", find_target(target), progress)
        for name, target in BENCHMARKS.items()
    }
