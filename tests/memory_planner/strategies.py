# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for problems, and a brute force that shares nothing with the planner."""

from __future__ import annotations

from hypothesis import strategies as st

from netsuke.memory_planner import Buffer, Memory, Overlap, Problem


@st.composite
def problems(draw: st.DrawFn, most_buffers: int, most_bytes: int) -> Problem:
    """Problems of one memory without a limit; distances of both signs, some offsets fixed."""
    count = draw(st.integers(1, most_buffers))
    buffers = []
    for i in range(count):
        start = draw(st.integers(0, 6))
        length = draw(st.integers(1, 5))
        alignment = draw(st.sampled_from((1, 2, 4, 8)))
        size = draw(st.integers(0, most_bytes))
        buffers.append(Buffer(f"b{i}", size, start, start + length, alignment))
    if draw(st.integers(0, 4)) == 0:
        first = buffers[0]
        at = first.alignment * draw(st.integers(0, 3))
        buffers[0] = Buffer(
            first.name, first.size_bytes, first.start, first.end, first.alignment, (), at
        )
    overlaps = []
    if count > 1:
        for _ in range(draw(st.integers(0, count))):
            a, b = draw(st.permutations(range(count)))[:2]
            distance = draw(st.integers(-most_bytes, most_bytes))
            overlaps.append(Overlap(f"b{a}", f"b{b}", distance))
    return Problem(tuple(buffers), tuple(overlaps), (Memory("ram"),))


def brute_force(problem: Problem) -> int:
    """The least height, by trying every offset of every buffer."""
    most = sum(b.size_bytes + b.alignment for b in problem.buffers)
    most += max(b.fixed_offset or 0 for b in problem.buffers)
    best = most

    def place(index: int, placed: list[tuple[Buffer, int]], height: int) -> None:
        nonlocal best
        if height >= best:
            return
        if index == len(problem.buffers):
            best = height
            return
        buffer = problem.buffers[index]
        offsets = range(0, best - buffer.size_bytes + 1, buffer.alignment)
        fixed = buffer.fixed_offset
        for at in offsets if fixed is None else [fixed]:
            if all(_legal(problem, buffer, at, other, there) for other, there in placed):
                top = max(height, at + buffer.size_bytes)
                place(index + 1, [*placed, (buffer, at)], top)

    place(0, [], 0)
    return best


def _legal(problem: Problem, a: Buffer, at_a: int, b: Buffer, at_b: int) -> bool:
    alive_together = set(range(a.start, a.end)) & set(range(b.start, b.end))
    bytes_a = range(at_a, at_a + a.size_bytes)
    bytes_b = range(at_b, at_b + b.size_bytes)
    if not alive_together or not set(bytes_a) & set(bytes_b):
        return True
    ordered = {(a.name, b.name): at_b - at_a, (b.name, a.name): at_a - at_b}
    return any(
        ordered[o.output, o.input] >= o.distance
        for o in problem.overlaps
        if (o.output, o.input) in ordered
    )
