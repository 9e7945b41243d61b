# SPDX-License-Identifier: Apache-2.0
"""Checks a solution against its problem, pair by pair. Shares no code with the solver."""

from __future__ import annotations

from itertools import combinations

from netsuke.memory_planner.problem import Buffer, Problem, Solution


def validate(problem: Problem, solution: Solution) -> list[str]:
    """What is wrong with `solution`, one line each; empty when it is right."""
    names = {buffer.name for buffer in problem.buffers}
    found = [f"{name}: has no place" for name in sorted(names - solution.offsets.keys())]
    found += [f"{name}: is no buffer" for name in sorted(solution.offsets.keys() - names)]
    if found:
        return found
    for buffer in problem.buffers:
        found += _misplaced(problem, solution, buffer)
    for a, b in combinations(problem.buffers, 2):
        found += _clash(problem, solution, a, b)
    return found + _wrong_figures(problem, solution)


def _misplaced(problem: Problem, solution: Solution, buffer: Buffer) -> list[str]:
    name, (memory_name, offset) = buffer.name, solution.offsets[buffer.name]
    sizes = {memory.name: memory.size_bytes for memory in problem.memories}
    if memory_name not in (buffer.memories or sizes):
        return [f"{name}: lies in {memory_name}, which it may not"]
    found = []
    if offset < 0:
        found.append(f"{name}: offset {offset} is negative")
    if offset % buffer.alignment:
        found.append(f"{name}: offset {offset} is no multiple of {buffer.alignment}")
    if buffer.fixed_offset is not None and offset != buffer.fixed_offset:
        found.append(f"{name}: offset {offset}, want {buffer.fixed_offset}")
    size, end = sizes[memory_name], offset + buffer.size_bytes
    if size is not None and end > size:
        found.append(f"{name}: ends at {end}, {memory_name} at {size}")
    return found


def _clash(problem: Problem, solution: Solution, a: Buffer, b: Buffer) -> list[str]:
    (memory, at_a), (memory_b, at_b) = solution.offsets[a.name], solution.offsets[b.name]
    if memory != memory_b or a.end <= b.start or b.end <= a.start:
        return []
    if a.size_bytes == 0 or b.size_bytes == 0:
        return []
    if at_a + a.size_bytes <= at_b or at_b + b.size_bytes <= at_a:
        return []
    address = {a.name: at_a, b.name: at_b}
    for pair in problem.overlaps:
        named = {pair.output, pair.input} == {a.name, b.name}
        if named and address[pair.output] + pair.distance <= address[pair.input]:
            return []
    spans = [f"{x.name} [{address[x.name]}, {address[x.name] + x.size_bytes})" for x in (a, b)]
    return [f"{spans[0]} and {spans[1]} share {memory} at time {max(a.start, b.start)}"]


def _wrong_figures(problem: Problem, solution: Solution) -> list[str]:
    found = []
    heights = {memory.name: 0 for memory in problem.memories}
    for buffer in problem.buffers:
        memory, offset = solution.offsets[buffer.name]
        heights[memory] = max(heights.get(memory, 0), offset + buffer.size_bytes)
    if heights != dict(solution.height_bytes):
        found.append(f"heights {dict(solution.height_bytes)}, want {heights}")
    if sum(heights.values()) < solution.lower_bound_bytes:
        found.append(f"heights {heights} are below the bound {solution.lower_bound_bytes}")
    if solution.optimal != (solution.proof in ("lower bound", "completed search")):
        found.append(f"optimal is {solution.optimal} with the proof {solution.proof!r}")
    return found
