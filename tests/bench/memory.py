# SPDX-License-Identifier: Apache-2.0
"""python -m tests.bench.memory: planned RAM and stack bound beside what an inference wrote.

The arena's watermark must be its planned size, and the stack's at most the bound, which may be half
as much again. Built as a product is, without the calls that profile; NETSUKE_MODELS names the
folder of the models.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from netsuke.compiler.boards import input_bytes
from netsuke.compiler.driver import Options, Progress, build, build_product, compile_graph
from netsuke.compiler.planning import Wishes
from netsuke.compiler.validation import random_vectors
from netsuke.console import report_errors
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from tests.bench.measure import BENCHMARKS

LOOSEST = 1.5
SILENT: Progress = lambda _: None  # noqa: E731


Way = Literal["speed", "size", "ram", "streamed"]
WAYS: Mapping[Way, Options] = {
    "speed": Options("speed"),
    "size": Options("size"),
    "ram": Options("speed", wishes=Wishes(lean=True)),
    "streamed": Options("speed", wishes=Wishes(streamed=True)),
}
"""What --optimize and --input say."""


@dataclass(frozen=True, slots=True)
class Watermarks:
    """Bytes of one model, planned and written."""

    model: str
    way: Way
    arena: int
    arena_written: int
    stack: int
    stack_written: int

    @property
    def holds(self) -> bool:
        """Whether the arena is what was planned, and the bound of the stack safe and tight."""
        tight = self.stack_written <= self.stack <= LOOSEST * self.stack_written
        # Frames of the agent lie between where it counts from and where it pushes a row.
        return self.arena == self.arena_written and (tight or self.way == "streamed")


def watermarks(model: Path, board: str, way: Way) -> Watermarks:
    """Of a few inferences: a last byte that happens to keep the pattern would not be seen."""
    target, options = find_target(board), WAYS[way]
    compiled = compile_graph(model, target, options, SILENT)
    stack_bytes = build_product(compiled, target, options, SILENT).stack_bytes
    assert stack_bytes is not None
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        firmware = build(compiled, target, Path(name), options, SILENT)
        counts = []
        with session(target, firmware, None) as client:
            for vector in random_vectors(compiled.planned.graph, 3, seed=2):
                client.run(input_bytes(vector), paint=True)
                counts.append(client.profile())
    return Watermarks(
        model.stem,
        way,
        compiled.planned.memory.arena_bytes,
        max(c.arena_watermark_bytes for c in counts),
        stack_bytes,
        max(c.stack_watermark_bytes for c in counts),
    )


def table(rows: Iterator[Watermarks]) -> bool:
    """Print a line for each model as it is measured; whether all hold."""
    good = True
    print(
        f"{'model':<28}{'built for':<10}{'arena':>9}{'written':>9}{'stack':>7}{'written':>9}  ratio"
    )
    for row in rows:
        ratio = row.stack / row.stack_written
        verdict = "" if row.holds else "  NO"
        good = good and row.holds
        print(
            f"{row.model:<28}{row.way:<10}{row.arena:>9,}{row.arena_written:>9,}"
            f"{row.stack:>7,}{row.stack_written:>9,}  {ratio:.2f}{verdict}",
            flush=True,
        )
    return good


@report_errors
def main() -> None:
    """All models of the benchmark in every way, or those named."""
    folder = Path(os.environ.get("NETSUKE_MODELS", "models"))
    names = sys.argv[1:] or list(BENCHMARKS)
    pairs = ((name, way) for name in names for way in WAYS)
    rows = (watermarks(folder / f"{n}.tflite", BENCHMARKS[n], way) for n, way in pairs)
    raise SystemExit(not table(rows))


if __name__ == "__main__":
    main()
