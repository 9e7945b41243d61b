# SPDX-License-Identifier: Apache-2.0
"""Writes docs/MISRA.md: deviations of the C runtime from MISRA C:2012, counted by cppcheck.

Ends with status 1, naming what is new, when cppcheck says something that has no reason here, or
when a reason is left over.
"""

from __future__ import annotations

import collections
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "runtime_c"
FOLDERS = ("src/kernels", "src/kernels_dsp", "agent", "port/arm", "port/stm32", "port/emulator")

REASONS: dict[str, tuple[str, str]] = {
    "2.5": ("macro never used", "NK_ABI and the like are used by generated C and by boards"),
    "2.7": ("unused parameter", "all kernels have one signature, some need no scratch or row"),
    "5.6": (
        "name of a type used twice",
        "taken for the types of one header that several files include",
    ),
    "5.7": ("tag not unique", "taken for nameless enumerations, which have no tag"),
    "5.9": ("internal name used twice", "static functions of headers, which each file includes"),
    "7.2": ("unsigned constant without u", "UINT32_C adds it; the checker knows no such macro"),
    "8.4": ("definition without declaration", "entry points that hardware or linker calls by name"),
    "8.6": ("declared and not defined", "linker symbols, and functions of a board's own files"),
    "8.7": ("could be static", "kernels are external for models built for size"),
    "8.9": ("could be local", "a vector table and registers, whose place is for the linker"),
    "8.11": ("extern array without size", "bounds of memory that the linker script defines"),
    "9.3": ("partly initialised array", "the rest of a message is zero by the language"),
    "10.1": (
        "operand of another essential type",
        "comparisons as 0 or 1; shifts of signed numbers, "
        "arithmetic on all compilers supported and tested",
    ),
    "10.3": (
        "assigned to another essential type",
        "flags in an int; results are proven in range and -Wconversion is an error",
    ),
    "10.4": (
        "operands of different essential types",
        "sizes and constants; -Wconversion is an error",
    ),
    "10.8": (
        "composite expression cast",
        "sums wrap as TensorFlow Lite's do, so the cast is meant",
    ),
    "11.4": (
        "pointer and integer converted",
        "registers have fixed addresses; stack bounds are "
        "subtracted as integers since they are no one array",
    ),
    "11.5": ("void pointer converted", "scratch is untyped and aligned by the planner"),
    "12.1": (
        "precedence not in brackets",
        "of C's usual operators, which -Wall warns of where readers err",
    ),
    "12.3": ("comma", "several variables of one type in a declaration"),
    "13.3": ("increment in an expression", "*out++ = ..., read as one step along an array"),
    "14.2": ("for loop of an uncommon shape", "a step that the body computes"),
    "14.4": ("condition not boolean", "flags that come over the line as numbers"),
    "15.5": ("several returns", "refusals at the beginning of a function"),
    "15.7": ("else if without else", "no other status of the parser asks for anything"),
    "17.7": ("result not used", "of memcpy and memset, which is their first argument"),
    "17.8": ("parameter changed", "pointers and counts that a loop uses up"),
    "18.4": ("pointer arithmetic by + and -", "rows and windows; tested under AddressSanitizer"),
    "19.2": ("union", "a fault frame as words"),
    "20.1": ("include after code", "the header of an instruction set needs the types above it"),
    "20.5": ("#undef", "of a macro that defined one kernel for each height"),
    "20.7": ("macro argument not in brackets", "names of functions, joined by ##"),
    "20.10": ("# or ##", "names of the kernels of each height"),
    "comparePointers": ("pointers of two objects", "the ends of one section, by linker symbols"),
}
"""What the rule is about, in our words, and why the runtime does so all the same."""

HEAD = """\
# MISRA C:2012

Deviations of the C runtime ({folders}; generated C calls it and is made of the same constructs), as
cppcheck's addon finds them. `make lint` fails for a rule that is not listed here. Counts are those
of the day on which `make docs` wrote this page. The addon does not check every rule, and finds some
places that are none.

| rule | about | count | why |
|---|---|--:|---|
"""


def found() -> dict[str, int]:
    """How often cppcheck names each rule; a place in a header counts once."""
    sources = sorted(path for folder in FOLDERS for path in (RUNTIME / folder).glob("*.c"))
    options = ["--addon=misra", "--enable=warning,style,performance,portability", "--std=c99"]
    options += ["-q", "--suppress=missingIncludeSystem", "--suppress=unmatchedSuppression"]
    options += [f"-I{RUNTIME / name}" for name in ("include", "src", "agent")]
    command = ["cppcheck", *options, "--template={file}:{line} {id}", *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"cppcheck: {done.stderr[-2000:]}")
    lines = {line for line in done.stderr.splitlines() if re.fullmatch(r"\S+:\d+ [\w.-]+", line)}
    rules = (line.split()[-1].removeprefix("misra-c2012-") for line in lines)
    return dict(collections.Counter(rules))


def _order(rule: str) -> tuple[int, list[int], str]:
    numbers = [int(part) for part in rule.split(".")] if rule[0].isdigit() else []
    return (0 if numbers else 1, numbers, rule)


def page(counts: dict[str, int]) -> str:
    """The whole page, Markdown."""
    rows = [
        f"| {rule} | {REASONS[rule][0]} | {counts[rule]} | {REASONS[rule][1]} |"
        for rule in sorted(counts, key=_order)
    ]
    folders = ", ".join(f"`runtime_c/{folder}`" for folder in FOLDERS)
    return HEAD.format(folders=folders) + "\n".join(rows) + "\n"


def main() -> None:
    """Print the page, or say which reasons are missing or left over."""
    counts = found()
    new, left = sorted(counts.keys() - REASONS.keys()), sorted(REASONS.keys() - counts.keys())
    if new or left:
        raise SystemExit(f"scripts/misra.py: no reason for {new}, no deviation for {left}")
    sys.stdout.write(page(counts))


if __name__ == "__main__":
    main()
