# SPDX-License-Identifier: Apache-2.0
"""How far below its input an output has to start so as never to overwrite what is still read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Event = tuple[int, int]


def minimal_distance(
    writes: Sequence[Event], frees: Sequence[Event], *, in_place: bool = False
) -> int:
    """The smallest D for which `address(output) + D <= address(input)` is safe, in bytes.

    `writes` are (time, bytes): the output grows by that many bytes at its end, at rising
    addresses. `frees` are (time, bytes): the dead front of the input grows by that many bytes,
    which nothing reads after that time. Both use the same clock, whose unit is the step of a
    kernel (an output row, a token, a block); events at one time add up, their order is free.

    Within a step the kernel reads the input before, while and after it writes, so what a step
    frees is still alive while it writes:

        D = max over steps with a write of (written, this step included) - (dead before it)

    With `in_place` the kernel reads element e of what it frees before it writes element e of the
    output, never looks back, and advances through both at steady rates. Then what a step frees
    dies as the step writes, and D is the larger of written - dead before and after each such step:
    0 for an operator that writes as many bytes as it reads.

    Negative: the output may start as far above the start of the input. Leave out writes after
    the death of the whole input, they are free to go anywhere.

    Raises ValueError without a write, and for negative bytes.
    """
    if not writes:
        raise ValueError("nothing is written, so nothing overlaps: want a write")
    if any(count < 0 for _, count in (*writes, *frees)):
        raise ValueError("got a negative number of bytes written or freed")
    distances, written, dead = [], 0, 0
    for earlier, now, freed in _steps(writes, frees):
        dead += earlier
        if in_place:
            distances.append(written - dead)
            dead, freed = dead + freed, 0
        written += now
        distances.append(written - dead)
        dead += freed
    return max(distances)


def _steps(writes: Sequence[Event], frees: Sequence[Event]) -> Iterator[tuple[int, int, int]]:
    """For each time with a write: bytes freed before it (since the last one), written, freed."""
    at: dict[int, int] = {}
    for time, count in writes:
        at[time] = at.get(time, 0) + count
    ahead = iter([*sorted(frees), (max(at) + 1, 0)])
    next_time, next_count = next(ahead)
    for time in sorted(time for time, count in at.items() if count):
        freed = [0, 0]
        while next_time <= time:
            freed[next_time == time] += next_count
            next_time, next_count = next(ahead)
        yield freed[0], at[time], freed[1]
