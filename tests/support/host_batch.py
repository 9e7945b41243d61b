# SPDX-License-Identifier: Apache-2.0
"""Many generated models in one sanitized program of the host: one link, kernels built once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from netsuke.codegen.c_model import CModel
from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.ir import Array
from netsuke.compiler.planning import Planned
from tests.support.host import ROOT, SANITIZERS, WARNINGS, HostModel, HostRun

INCLUDES = tuple(f"-I{ROOT / path}" for path in ("runtime_c/include", "runtime_c/src"))
GLUE = ("", "_arena", "_init", "_intact", "_write_input", "_invoke", "_read_output")

MAIN = """\
#include <stdlib.h>
{declarations}
int main(int argc, char **argv)
{{
    int (*const models[])(void) = {{{names}}};
    return argc == 2 ? models[atoi(argv[1])]() : 2;
}}
"""


class Kernels:
    """Sanitized object files of kernels in `directory`, each compiled when first asked for."""

    def __init__(self, directory: Path, compiler: str = "gcc", level: str = "-O1") -> None:
        self.directory, self.compiler, self.level = directory, compiler, level

    def program(self, units: Sequence[Path], sources: Sequence[str], directory: Path) -> Path:
        """A program in `directory` of C files, which may include its files, and of kernels."""
        program = directory / "program"
        objects = [self._object(source) for source in sources]
        self._compile("-O0", f"-I{directory}", *units, *objects, "-o", program)
        return program

    def _object(self, source: str) -> Path:
        built = self.directory / source.replace("/", "_").replace(".c", ".o")
        if not built.exists():
            self._compile(self.level, "-c", ROOT / "runtime_c/src" / source, "-o", built)
        return built

    def _compile(self, *arguments: str | Path) -> None:
        command = [self.compiler, *WARNINGS, *SANITIZERS, *INCLUDES, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[:4000]


def run_batch(
    plans: Sequence[Planned], inputs: Sequence[Sequence[Array]], directory: Path, kernels: Kernels
) -> list[HostRun]:
    """What every plan computes from its inputs; `inputs[i]` are vectors of bytes for plan i."""
    models, units = [], []
    for i, planned in enumerate(plans):
        model = lower(planned, Origin(f"net{i}", "00" * 32, frozenset()), "shared", observed=True)
        for name, text in render(model).items():
            (directory / name).write_text(text)
        units.append(directory / f"unit{i}.c")
        units[-1].write_text(_unit(i))
        models.append(model)
    program = _link(models, units, directory, kernels)
    return [
        HostModel(program, planned, model).run(vectors, str(i))
        for i, (planned, model, vectors) in enumerate(zip(plans, models, inputs, strict=True))
    ]


def _unit(i: int) -> str:
    """A model, its glue and the harness as one translation unit whose names end in `_<i>`."""
    names = (*(f"nk_model{end}" for end in GLUE), "nk_on_layer", "nk_on_rows", "main")
    parts = (f"net{i}.c", f"net{i}_weights.c", f"net{i}_glue.c", ROOT / "tests/support/harness.c")
    renames = [f"#define {name} {name}_{i}" for name in names]
    return "\n".join([*renames, f"int main_{i}(void);", *(f'#include "{p}"' for p in parts)]) + "\n"


def _link(
    models: Sequence[CModel], units: Sequence[Path], directory: Path, kernels: Kernels
) -> Path:
    names = [f"main_{i}" for i in range(len(models))]
    declarations = "\n".join(f"int {name}(void);" for name in names)
    main = directory / "main.c"
    main.write_text(MAIN.format(declarations=declarations, names=", ".join(names)))
    sources = sorted({source for model in models for source in model.kernel_sources})
    return kernels.program([*units, main], sources, directory)


def as_bytes(vector: Sequence[Array]) -> Array:
    """All inputs of a model one after the other."""
    return np.concatenate([value.ravel() for value in vector])
