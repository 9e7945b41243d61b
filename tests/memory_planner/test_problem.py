# SPDX-License-Identifier: Apache-2.0
"""What a problem refuses, and the text that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netsuke.memory_planner import Buffer, Memory, Overlap, Problem, ProblemError

A, B = Buffer("a", 8, 0, 2), Buffer("b", 4, 1, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Buffer("", 1, 0, 1), "buffer without a name"),
        (lambda: Buffer("a", -1, 0, 1), "buffer 'a': got size -1, want 0 or more"),
        (lambda: Buffer("a", 1, 3, 3), "buffer 'a': got lifetime [3, 3), which is empty"),
        (lambda: Buffer("a", 1, 0, 1, 3), "buffer 'a': got alignment 3, want one of"),
        (lambda: Buffer("a", 1, 0, 1, 8, (), 4), "buffer 'a': got offset 4, want a multiple of 8"),
        (lambda: Memory("two words"), "memory 'two words': want a name of"),
        (lambda: Memory("ram", -1), "memory ram: got size -1"),
        (lambda: Problem((A,), (), ()), "no memory"),
        (lambda: Problem((A, A)), "buffer 'a' is defined twice"),
        (lambda: Problem((A,), (), (Memory("m"), Memory("m"))), "memory 'm' is defined twice"),
        (lambda: Problem((Buffer("a", 1, 0, 1, 4, ("x",)),)), "buffer 'a': got memory 'x'"),
        (lambda: Problem((A,), (Overlap("a", "z", 0),)), "overlap of 'a' and 'z': got buffer 'z'"),
        (lambda: Problem((A, B), (Overlap("a", "a", 0),)), "want two different buffers"),
        (
            lambda: Problem((Buffer("a", 1, 0, 1, 4, (), 0),), (), (Memory("m"), Memory("n"))),
            "buffer 'a': has an offset, want exactly 1 memory",
        ),
    ],
)
def test_wrong_problems_are_refused_with_the_name_of_the_culprit(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
