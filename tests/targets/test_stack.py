# SPDX-License-Identifier: Apache-2.0
"""The stack bound on programs of known shape, built by the compiler that writes the call graphs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netsuke.targets.stack import CALL_GRAPH_FLAG, LIBRARY_FRAME_BYTES, stack_bytes
from netsuke.targets.toolchain import must_run

# Arrays are volatile, so that they stay on the stack; `top` is in another file than `middle`.
CHAIN = """
int middle(int n);
int top(int n);
int top(int n) { volatile char b[256]; b[n & 255] = 1; return middle(n) + b[2]; }
"""
PARTS = """
#include <string.h>
#define APART __attribute__((noinline))
APART static int leaf(int n) { volatile char b[64]; b[n & 63] = 1; return b[0]; }
APART static int wide(int n) { volatile char b[512]; b[n & 511] = 1; return b[0]; }
int middle(int n) { volatile char b[128]; b[n & 127] = 1; return leaf(n) + b[1]; }
int branch(int n) { return leaf(n) + wide(n); }
int recursive(int n) { return n < 2 ? 1 : recursive(n - 1) * n + leaf(n); }
int odd(int n);
int even(int n) { return n == 0 ? leaf(n) : odd(n - 1) + 1; }
int odd(int n) { return n == 0 ? wide(n) : even(n - 1) + 1; }
int indirect(int (*f)(int), int n) { return f(n) + 1; }
int variable(int n) { volatile char b[n]; b[0] = 1; return b[n - 1] + leaf(n); }
int library(char *to, const char *from, unsigned n) { memcpy(to, from, n); return to[0]; }
int above_recursion(int n) { return recursive(n) + 1; }
"""


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("stack")
    for name, text in (("chain", CHAIN), ("parts", PARTS)):
        source, flags = folder / f"{name}.c", ["-mcpu=cortex-m4", "-mthumb", "-O1", "-c"]
        source.write_text(text)
        out = ["-fno-optimize-sibling-calls", "-o", folder / f"{name}.o"]
        must_run("arm-none-eabi-gcc", [*flags, CALL_GRAPH_FLAG, source, *out])
    return sorted(folder.glob("*.ci"))


def frame(graphs: list[Path], function: str) -> int:
    """The function's own frame as the compiler's text has it, read without the code under test."""
    text = "".join(path.read_text() for path in graphs)
    (found,) = re.findall(rf'label: "{function}\\n[^"]*\\n(\d+) bytes', text)
    return int(found)


def test_a_chain_over_two_files_is_the_sum_of_its_frames(graphs: list[Path]) -> None:
    frames = [frame(graphs, name) for name in ("top", "middle", "leaf")]
    assert frames[0] >= 256 and frames[1] >= 128 and frames[2] >= 64
    assert stack_bytes(graphs, "top") == sum(frames)


def test_of_two_branches_the_deeper_counts(graphs: list[Path]) -> None:
    assert frame(graphs, "wide") >= 512
    assert stack_bytes(graphs, "branch") == frame(graphs, "branch") + frame(graphs, "wide")


def test_a_library_function_has_an_assumed_frame(graphs: list[Path]) -> None:
    assert stack_bytes(graphs, "library") == frame(graphs, "library") + LIBRARY_FRAME_BYTES


@pytest.mark.parametrize("name", ["recursive", "even", "odd", "above_recursion"])
def test_recursion_has_no_bound(name: str, graphs: list[Path]) -> None:
    assert stack_bytes(graphs, name) is None


def test_indirect_calls_and_variable_frames_have_no_bound(graphs: list[Path]) -> None:
    assert stack_bytes(graphs, "indirect") is None
    assert stack_bytes(graphs, "variable") is None


def test_a_function_that_is_not_there(graphs: list[Path]) -> None:
    assert stack_bytes(graphs, "absent") is None
    assert stack_bytes([], "top") is None
