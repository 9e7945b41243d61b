# SPDX-License-Identifier: Apache-2.0
"""Builds generated C with the host's compiler, under sanitizers, and runs it."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netsuke.codegen.c_model import CModel, Optimize
from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.ops.base import Isa
from netsuke.compiler.planning import Planned, Wishes, plan

ROOT = Path(__file__).parents[2]
WARNINGS = (
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wshadow",
    "-Wundef",
    "-Wvla",
    "-Werror",
)
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
OUTPUT, WATERMARK, ARENA = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass(frozen=True)
class HostRun:
    """`outputs[i]` and, where observed, `layers[i][layer]` are the int8 bytes of vector i;
    `arenas[i]` is what the arena, filled with 0xA5 before, holds after it."""

    outputs: list[Array]
    layers: list[dict[int, Array]]
    watermark_bytes: int
    planned: Planned
    arenas: list[Array]


@dataclass(frozen=True)
class HostModel:
    """A built model that takes vectors of int8 bytes, all inputs one after the other."""

    program: Path
    planned: Planned
    c_model: CModel

    def run(self, vectors: Sequence[Array], *arguments: str) -> HostRun:
        data = b"".join(np.ascontiguousarray(v).tobytes() for v in vectors)
        command = [str(self.program), *arguments]
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-4000:]
        return self._parse(done.stdout, len(vectors))

    def _parse(self, data: bytes, count: int) -> HostRun:
        outputs: list[Array] = []
        arenas: list[Array] = []
        layers: list[dict[int, Array]] = [{}]
        at = watermark = 0
        sizes = {layer.index: layer.out_rows * layer.out_row_bytes for layer in self.c_model.layers}
        while at < len(data):
            layer, offset, size = struct.unpack_from("<III", data, at)
            values = np.frombuffer(data, np.int8, size if layer != WATERMARK else 0, at + 12)
            at += 12 + values.size
            if layer == WATERMARK:
                watermark = max(watermark, offset)
            elif layer == ARENA:
                arenas.append(values)
            elif layer == OUTPUT:
                outputs.append(values)
                layers.append({})
            else:
                whole = layers[-1].setdefault(layer, np.zeros(sizes[layer], np.int8))
                whole[offset : offset + size] = values
        assert len(outputs) == count
        return HostRun(outputs, layers[:-1], watermark, self.planned, arenas)


def build_host(
    graph: Graph,
    directory: Path,
    *,
    isa: Isa = "portable",
    optimize: Optimize = "shared",
    observed: bool = True,
    compiler: str = "gcc",
    wishes: Wishes = Wishes(),  # noqa: B008
    planned: Planned | None = None,
) -> HostModel:
    """Generate C for `graph` and build it with warnings as errors, ASan and UBSan."""
    planned = planned or plan(graph, isa, wishes)
    model = lower(planned, Origin("net", "00" * 32, frozenset()), optimize, observed=observed)
    for name, text in render(model).items():
        (directory / name).write_text(text)
    kernels = (
        () if model.inlined else tuple(ROOT / "runtime_c/src" / s for s in model.kernel_sources)
    )
    sources = [directory / n for n in ("net.c", "net_weights.c", "net_glue.c")]
    sources += [*kernels, ROOT / "tests/support/harness.c"]
    command = [compiler, *WARNINGS, *SANITIZERS, "-O1", "-g"]
    command += [f"-I{p}" for p in (directory, ROOT / "runtime_c/include", ROOT / "runtime_c/src")]
    program = directory / "net"
    done = subprocess.run(
        [*command, *map(str, sources), "-o", str(program)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[:4000]
    return HostModel(program, planned, model)
