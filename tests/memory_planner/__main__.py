# SPDX-License-Identifier: Apache-2.0
"""python -m tests.memory_planner [FILE.csv...]: how well problems are solved.

Without files the corpus. Files are problems of MiniMalloc's benchmark: lines of id, lower, upper,
size; the name ends in the height that is known to do, as in A.1048576.csv.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from netsuke.memory_planner import Buffer, Problem, solve, validate
from netsuke.memory_planner.text import parse_problem
from tests.memory_planner.families import CORPUS

LIMIT_S = 60.0


def read_csv(path: Path) -> tuple[Problem, int]:
    """A problem of MiniMalloc's benchmark, and the height that is known to do."""
    with path.open(encoding="utf-8", newline="") as file:
        buffers = tuple(
            Buffer(f"b{r['id']}", int(r["size"]), int(r["lower"]), int(r["upper"]), 1)
            for r in csv.DictReader(file)
        )
    known = re.search(r"\.(\d+)\.csv$", path.name)
    return Problem(buffers), int(known[1]) if known else 0


def problems(paths: list[str]) -> Iterator[tuple[str, Problem, int]]:
    """Name, problem and known height (0: none)."""
    for path in map(Path, paths):
        yield path.stem, *read_csv(path)
    for path in sorted(CORPUS.glob("*.txt")) if not paths else ():
        yield path.stem, parse_problem(path.read_text(encoding="utf-8")), 0


def main(paths: list[str]) -> None:
    """Prints a line for each problem that is not solved to its proof or known height; the share."""
    solved = count = 0
    for name, problem, known in problems(paths):
        start = time.monotonic()
        solution = solve(problem, time_limit_s=LIMIT_S if paths else 2.0)
        assert not validate(problem, solution)
        height, bound = solution.total_bytes, solution.lower_bound_bytes
        good = height <= known if known else solution.optimal
        count, solved = count + 1, solved + good
        if paths or not good:
            goal = f"known {known:,}" if known else f"gap {(height / bound - 1) * 100:.2f} %"
            took = f"{time.monotonic() - start:.0f} s"
            print(f"{name}: height {height:,}, bound {bound:,}, {goal}, {took}", flush=True)
    what = "reach the known height" if paths else "proven optimal"
    print(f"{solved} of {count} {what} ({100 * solved / max(1, count):.0f} %)")


if __name__ == "__main__":
    main(sys.argv[1:])
