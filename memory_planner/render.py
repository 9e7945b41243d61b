# SPDX-License-Identifier: Apache-2.0
"""Pictures of a solution: addresses upwards, time to the right."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from netsuke.memory_planner.problem import Buffer, Problem, Solution

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_COLUMNS, _ROWS = 72, 20
_WIDEST = 6  # columns for an interval, where there are few
_FREE, _SHARED = ".", "#"

_SVG_WIDTH, _SVG_HEIGHT, _SVG_MARGIN = 1000.0, 480.0, 70.0
_LETTER_WIDTH = 5.7
_COLOURS = ("#8dd3c7", "#ffffb3", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5")


@dataclass(frozen=True, slots=True)
class _Box:
    """A buffer where it lies; `first` and `last` count the intervals between events."""

    buffer: Buffer
    offset: int
    first: int
    last: int

    @property
    def end(self) -> int:
        return self.offset + self.buffer.size_bytes


def picture(problem: Problem, solution: Solution) -> str:
    """A text picture of each memory, its peak marked, with a legend. Ends with a newline.

    A column is an interval in which nothing is born or dies (several where there are many);
    each buffer has a letter, `#` is storage that two buffers share, `^` marks the peak.
    """
    times = _times(problem)
    parts = [
        "\n".join(_panel(memory, _boxes(problem, solution, memory, times), len(times) - 1, height))
        for memory, height in solution.height_bytes.items()
    ]
    return "\n\n".join(parts) + "\n"


def _panel(memory: str, boxes: Sequence[_Box], intervals: int, height: int) -> list[str]:
    lines = [f"{memory}: {height} bytes"]
    if not height:
        return lines
    letters = {box.buffer.name: _LETTERS[i % len(_LETTERS)] for i, box in enumerate(boxes)}
    columns = _columns(intervals)
    for row in reversed(range(_ROWS)):
        address = height * (2 * row + 1) // (2 * _ROWS)
        cells = (_cell(boxes, letters, address, c, columns, intervals) for c in range(columns))
        lines.append(f"{address:>9} |{''.join(cells)}|")
    top = [box for box in boxes if box.end == height]
    peak = {c for c in range(columns) if any(_meets(b, c, columns, intervals) for b in top)}
    lines.append(" " * 11 + "".join("^" if c in peak else " " for c in range(columns)).rstrip())
    for box in boxes:
        b = box.buffer
        span = f"[{box.offset}, {box.end})"
        lines.append(f"  {letters[b.name]} {span:>18}  time [{b.start}, {b.end})  {b.name}")
    return lines


def _columns(intervals: int) -> int:
    """Equally many for each interval, or fewer than one where there are many."""
    if intervals > _COLUMNS:
        return _COLUMNS
    return intervals * min(_WIDEST, _COLUMNS // max(1, intervals))


def _cell(
    boxes: Sequence[_Box],
    letters: dict[str, str],
    address: int,
    column: int,
    columns: int,
    intervals: int,
) -> str:
    here = [
        box for box in boxes
        if box.offset <= address < box.end and _meets(box, column, columns, intervals)
    ]  # fmt: skip
    if not here:
        return _FREE
    meet = any(a.first <= b.last and b.first <= a.last for a in here for b in here if a is not b)
    return _SHARED if meet else letters[here[0].buffer.name]


def _meets(box: _Box, column: int, columns: int, intervals: int) -> bool:
    """Whether the buffer is alive in an interval that `column` stands for."""
    first, last = column * intervals // columns, ((column + 1) * intervals - 1) // columns
    return box.first <= last and first <= box.last


def svg(problem: Problem, solution: Solution) -> str:
    """An SVG document: a box for each buffer, storage shared by two buffers in red, peaks dashed
    and thick where buffers reach them.

    Memories stand above each other, in the problem's order. A page that contains the document may
    give colours to the classes `paper`, `axis` and `name`.
    """
    times = _times(problem)
    total = _SVG_HEIGHT * len(solution.height_bytes)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SVG_WIDTH:.0f}" height="{total:.0f}" '
        f'viewBox="0 0 {_SVG_WIDTH:.0f} {total:.0f}" font-family="sans-serif" font-size="11">',
        '<rect class="paper" width="100%" height="100%" fill="white"/>',
    ]
    for place, (memory, height) in enumerate(solution.height_bytes.items()):
        boxes = _boxes(problem, solution, memory, times)
        body += _svg_panel(memory, boxes, times, height, place * _SVG_HEIGHT)
    return "\n".join([*body, "</svg>"]) + "\n"


def _svg_panel(
    memory: str, boxes: Sequence[_Box], times: Sequence[int], height: int, top: float
) -> Iterable[str]:
    across = (_SVG_WIDTH - 2 * _SVG_MARGIN) / max(1, len(times) - 1)
    up = (_SVG_HEIGHT - 2 * _SVG_MARGIN) / max(1, height)
    floor = top + _SVG_HEIGHT - _SVG_MARGIN

    def rect(first: int, last: int, low: int, high: int, style: str) -> str:
        x, y = _SVG_MARGIN + first * across, floor - high * up
        size = f'width="{(last + 1 - first) * across:.2f}" height="{(high - low) * up:.2f}"'
        return f'<rect x="{x:.2f}" y="{y:.2f}" {size} {style}'

    for i, box in enumerate(boxes):
        b, colour = box.buffer, _COLOURS[i % len(_COLOURS)]
        style = f'fill="{colour}" fill-opacity="0.8" stroke="#333" stroke-width="0.5">'
        label = f"{b.name}: {b.size_bytes} bytes at {box.offset}, time [{b.start}, {b.end})"
        outline = rect(box.first, box.last, box.offset, box.end, style)
        yield f"{outline}<title>{escape(label)}</title></rect>"
    for a, c in _shared(boxes):
        span = max(a.first, c.first), min(a.last, c.last)
        style = 'fill="#d00" fill-opacity="0.55"/>'
        yield rect(*span, max(a.offset, c.offset), min(a.end, c.end), style)
    yield from _svg_names(boxes, across, up, floor)
    left, right, peak = _SVG_MARGIN, _SVG_WIDTH - _SVG_MARGIN, floor - height * up
    for y, dash in ((floor, ""), (peak, ' stroke-dasharray="6 3"')):
        yield f'<path class="axis" d="M{left:.0f} {y:.2f} H{right:.0f}" stroke="#000"{dash}/>'
    for box in boxes:
        if box.end == height:
            x, width = left + box.first * across, (box.last + 1 - box.first) * across
            thick = f'd="M{x:.2f} {peak:.2f} h{width:.2f}" stroke-width="4"'
            yield f'<path class="axis" stroke="#000" {thick}/>'
    yield f'<text x="{left:.0f}" y="{peak - 6:.2f}">{memory}: peak {height:,} bytes</text>'
    yield f'<text x="{left:.0f}" y="{floor + 16:.2f}">time {times[0] if times else 0}</text>'
    last = times[-1] if times else 0
    yield f'<text x="{right:.0f}" y="{floor + 16:.2f}" text-anchor="end">{last}</text>'


def _svg_names(boxes: Sequence[_Box], across: float, up: float, floor: float) -> Iterable[str]:
    """The beginning of each name, where at least three letters fit into the box and none there is
    in their way."""
    written: list[tuple[float, float, float]] = []
    for box in boxes:
        width, tall = (box.last + 1 - box.first) * across, box.buffer.size_bytes * up
        letters = int(width / _LETTER_WIDTH)
        if letters >= 3 and tall >= 11:
            x = _SVG_MARGIN + box.first * across + width / 2
            y = floor - (box.offset + box.end) / 2 * up + 4
            name = _cut(box.buffer.name, letters)
            half = len(name) * _LETTER_WIDTH / 2
            if all(abs(x - a) >= half + b or abs(y - c) >= 11 for a, b, c in written):
                written.append((x, half, y))
                place = f'x="{x:.2f}" y="{y:.2f}" text-anchor="middle"'
                yield f'<text class="name" {place}>{escape(name)}</text>'


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _shared(boxes: Sequence[_Box]) -> Iterable[tuple[_Box, _Box]]:
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            in_time = a.first <= b.last and b.first <= a.last
            if in_time and a.offset < b.end and b.offset < a.end:
                yield a, b


def _times(problem: Problem) -> list[int]:
    return sorted({time for b in problem.buffers for time in (b.start, b.end)})


def _boxes(problem: Problem, solution: Solution, memory: str, times: Sequence[int]) -> list[_Box]:
    """The buffers of one memory that hold bytes, by birth and offset."""
    boxes = []
    for buffer in problem.buffers:
        name, offset = solution.offsets[buffer.name]
        if name == memory and buffer.size_bytes:
            first, last = bisect_right(times, buffer.start) - 1, bisect_right(times, buffer.end) - 2
            boxes.append(_Box(buffer, offset, first, last))
    return sorted(boxes, key=lambda box: (box.first, box.offset, box.last, box.buffer.name))
