# SPDX-License-Identifier: Apache-2.0
"""The allocation problems of real models, as plans make them today, for the corpus:

python -m tests.memory_planner.from_models MODEL.tflite...

Writes plan_<model>_<input>.txt, the input resident and streamed where that can be.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from netsuke.compiler.driver import Options, Progress, compile_graph
from netsuke.compiler.errors import InputError
from netsuke.compiler.planning import Wishes
from netsuke.memory_planner import Problem, solve
from netsuke.memory_planner.text import format_problem
from netsuke.targets.target import find_target
from tests.memory_planner.families import CORPUS

TARGET = "mps2-an386"
INPUTS: tuple[Literal["resident", "streamed"], ...] = ("resident", "streamed")
SILENT: Progress = lambda _: None  # noqa: E731


def problem_of(model: Path, streamed: bool) -> Problem:
    """The allocation problem of the plan for a Cortex-M4."""
    options = Options(wishes=Wishes(streamed=streamed))
    return compile_graph(model, find_target(TARGET), options, SILENT).planned.problem


def main(paths: list[str]) -> None:
    """Writes a file for each model and way of input, with the best height found."""
    for model in map(Path, paths):
        for way in INPUTS:
            try:
                problem = problem_of(model, way == "streamed")
            except InputError as error:
                print(f"{model.stem}, {way}: {error}")
                continue
            solution = solve(problem)
            best = f"{solution.total_bytes}{' proven' if solution.optimal else ''}"
            name = f"plan_{model.stem}_{way}"
            head = f"# {name}: the buffers of its plan for {TARGET}, input {way}\n# best: {best}\n"
            (CORPUS / f"{name}.txt").write_text(head + format_problem(problem), encoding="utf-8")
            print(f"{name}: {len(problem.buffers)} buffers, {best}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
