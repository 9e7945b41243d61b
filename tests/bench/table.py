# SPDX-License-Identifier: Apache-2.0
"""Measured figures as the tables of the README, which a terminal shows as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.figures import TFLM, TFLM_FIGURES, TOOLS, Figures
from tests.bench.measure import Measured

BEGIN, END = "<!-- begin make bench -->\n", "<!-- end make bench -->\n"

_TOOLS = ", ".join(f"{name} {version}" for name, version in TOOLS.items())
_NOTES = f"""\
Executed instructions of one inference on a Cortex-M4 (mps2-an386), * on a Cortex-M7 (mps2-an500),
beside {TFLM}, both with
{_TOOLS}. Every output byte equals the oracle's. MACs are
those of the model file. `size` is `--optimize size`, built with -Os; the other figures are those
of `--optimize speed`, with -O3. Cycles are an estimate: instruction timings of the Cortex-M4's
manual, zero wait states, by the rules in tests/bench/cycles.py.
"""
_MEMORY_NOTES = """\
Bytes. RAM is the arena: the whole input is in it or, streamed, pushed in row by row; TFLM's
holds the interpreter's own structures. Flash is code, quantization parameters and weights, in
TFLM's case model file and runtime, without the agent.
"""

CYCLES = "M4 cycles/MAC (est.)"

Row = tuple[str, ...]


def tables(figures: Mapping[str, Measured]) -> str:
    """The two tables, Markdown: instructions, then memory."""
    speed = [_speed_row(name, m, TFLM_FIGURES.get(name)) for name, m in figures.items()]
    memory = [_memory_row(name, m, TFLM_FIGURES.get(name)) for name, m in figures.items()]
    speed_head = ("model", "MACs", "instructions", "per MAC", CYCLES, "`size`", "TFLM", "ratio")
    memory_head = ("model", "RAM", "streamed", "TFLM", "ratio", "flash", "`size`", "TFLM", "ratio")
    parts = (_NOTES, _markdown(speed_head, speed), _MEMORY_NOTES, _markdown(memory_head, memory))
    return "\n".join(parts)


def into_page(page: str, text: str) -> str:
    """`page` with what stands between its markers replaced. ValueError where it has none."""
    head, tail = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:head]}\n{text}\n{page[tail:]}"


def _speed_row(name: str, m: Measured, tflm: Figures | None) -> Row:
    star = "" if m.target == "mps2-an386" else " *"
    return (
        name + star,
        f"{m.macs:,}",
        f"{m.speed.instructions:,}",
        f"{m.speed.instructions / m.macs:.2f}",
        f"{m.m4_cycles_estimate / m.macs:.2f}" if m.m4_cycles_estimate else "",
        f"{m.size.instructions:,}",
        *_beside(m.speed.instructions, tflm.instructions if tflm else None),
    )


def _memory_row(name: str, m: Measured, tflm: Figures | None) -> Row:
    runtime = tflm.runtime_bytes if tflm else None
    flash = None if runtime is None else m.model_bytes + runtime
    return (
        name,
        f"{m.arena_resident_bytes:,}",
        f"{m.arena_streamed_bytes:,}",
        *_beside(m.arena_resident_bytes, tflm.arena_bytes if tflm else None),
        f"{m.speed.flash_bytes:,}",
        f"{m.size.flash_bytes:,}",
        *_beside(m.speed.flash_bytes, flash),
    )


def _beside(ours: int, theirs: int | None) -> Row:
    """Their figure, and ours as a part of it."""
    return ("", "") if theirs is None else (f"{theirs:,}", f"{ours / theirs:.2f}")


def _markdown(head: Row, rows: Sequence[Row]) -> str:
    """A table with columns as wide as their widest cell; the first is text, the others numbers."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = tuple(
        "-" * (w if i == 0 else w - 1) + ("" if i == 0 else ":") for i, w in enumerate(widths)
    )
    lines = [
        " | ".join(
            c.rjust(w) if i else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, rule, *rows)
    ]
    return "".join(f"| {line} |\n" for line in lines)
