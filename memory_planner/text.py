# SPDX-License-Identifier: Apache-2.0
"""Problems and solutions as text, one thing a line: for the corpus, for reports, for diffs.

    # a comment
    memory ram size=65536 cost=0
    buffer "conv 1/out" size=9216 live=3..5 align=4
    buffer state size=64 live=0..9 align=8 memories=ram at=0
    overlap "conv 1/out" over state distance=-16

    bound bytes=9216 proof="lower bound"
    height ram bytes=9280
    place state in ram at 0

Names with other than letters, digits and `_./:;+-` are quoted as in JSON. `size` of a memory
without a limit, `memories` for any, and `at` for free are left out. What `format_...` writes,
`parse_...` reads back equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from netsuke.memory_planner.problem import (
    Buffer,
    Memory,
    Overlap,
    Problem,
    ProblemError,
    Solution,
)

_PLAIN = re.compile(r"[A-Za-z0-9_./:;+-]+")
_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')
_UNOPTIMAL = "none"


def format_problem(problem: Problem) -> str:
    """The problem as text that ends with a newline."""
    lines = []
    for memory in problem.memories:
        size = "" if memory.size_bytes is None else f" size={memory.size_bytes}"
        lines.append(f"memory {memory.name}{size} cost={memory.cost}")
    for b in problem.buffers:
        memories = f" memories={','.join(b.memories)}" if b.memories else ""
        at = "" if b.fixed_offset is None else f" at={b.fixed_offset}"
        live = f"live={b.start}..{b.end} align={b.alignment}"
        lines.append(f"buffer {_quote(b.name)} size={b.size_bytes} {live}{memories}{at}")
    for o in problem.overlaps:
        lines.append(f"overlap {_quote(o.output)} over {_quote(o.input)} distance={o.distance}")
    return "".join(line + "\n" for line in lines)


def parse_problem(text: str) -> Problem:
    """Reads what `format_problem` writes. Raises ProblemError with the number of the line."""
    memories: list[Memory] = []
    buffers: list[Buffer] = []
    overlaps: list[Overlap] = []
    for number, words in _lines(text):
        try:
            match words:
                case ["memory", name, *rest]:
                    memories.append(_memory(name, _fields(rest)))
                case ["buffer", name, *rest]:
                    buffers.append(_buffer(_unquote(name), _fields(rest)))
                case ["overlap", output, "over", below, distance]:
                    fields = _fields([distance])
                    pair = _unquote(output), _unquote(below)
                    overlaps.append(Overlap(*pair, int(fields["distance"])))
                case _:
                    raise ValueError(f"got {words[0]!r}, want memory, buffer or overlap")
        except (KeyError, ValueError) as error:
            raise ProblemError(f"line {number}: {_why(error)}") from error
    return Problem(tuple(buffers), tuple(overlaps), tuple(memories))


def format_solution(solution: Solution) -> str:
    """The solution as text that ends with a newline."""
    proof = solution.proof if solution.optimal else _UNOPTIMAL
    lines = [f"bound bytes={solution.lower_bound_bytes} proof={json.dumps(proof)}"]
    lines += [f"height {name} bytes={bytes_}" for name, bytes_ in solution.height_bytes.items()]
    for name, (memory, offset) in solution.offsets.items():
        lines.append(f"place {_quote(name)} in {memory} at {offset}")
    return "".join(line + "\n" for line in lines)


def parse_solution(text: str) -> Solution:
    """Reads what `format_solution` writes. Raises ProblemError with the number of the line."""
    offsets: dict[str, tuple[str, int]] = {}
    heights: dict[str, int] = {}
    bound, proof = 0, _UNOPTIMAL
    for number, words in _lines(text):
        try:
            match words:
                case ["bound", *rest]:
                    fields = _fields(rest)
                    bound, proof = int(fields["bytes"]), _unquote(fields["proof"])
                case ["height", memory, size]:
                    heights[memory] = int(_fields([size])["bytes"])
                case ["place", name, "in", memory, "at", offset]:
                    offsets[_unquote(name)] = (memory, int(offset))
                case _:
                    raise ValueError(f"got {words[0]!r}, want bound, height or place")
        except (KeyError, ValueError) as error:
            raise ProblemError(f"line {number}: {_why(error)}") from error
    optimal = proof != _UNOPTIMAL
    return Solution(offsets, heights, bound, optimal, proof if optimal else "")


def _memory(name: str, fields: dict[str, str]) -> Memory:
    size = int(fields["size"]) if "size" in fields else None
    return Memory(name, size, int(fields["cost"]))


def _buffer(name: str, fields: dict[str, str]) -> Buffer:
    start, _, end = fields["live"].partition("..")
    memories = tuple(fields["memories"].split(",")) if "memories" in fields else ()
    at = int(fields["at"]) if "at" in fields else None
    size, align = int(fields["size"]), int(fields["align"])
    return Buffer(name, size, int(start), int(end), align, memories, at)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = _WORD.findall(line)
        if words and not words[0].startswith("#"):
            yield number, words


def _fields(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    return {key: value for key, _, value in pairs}


def _quote(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name)


def _unquote(word: str) -> str:
    return str(json.loads(word)) if word.startswith('"') else word


def _why(error: Exception) -> str:
    return f"want {error.args[0]}=" if isinstance(error, KeyError) else str(error)
