# SPDX-License-Identifier: Apache-2.0
"""Code by layer: what the linker's symbols say of functions that were not built into others."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from netsuke.targets.layer_code import layer_code_bytes
from netsuke.targets.toolchain import must_run

pytestmark = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed"
)

PROGRAM = """
volatile int v;
static inline __attribute__((always_inline)) void kernel(int n) { v = n; v = n + 1; v = n * n; }
static __attribute__((noinline)) void shared(int n) { v = n; v = -n; }
static KEPT void layer_0(int n) { kernel(n); shared(n); }
static KEPT void layer_1(int n) { kernel(n); kernel(v); shared(n); }
static KEPT void layer_12(int n) { v = n; }
int main(void) { layer_0(v); layer_1(v); layer_12(v); return 0; }
"""


def link(directory: Path, kept: str) -> Path:
    """The program with its layers as functions of their own, or built into main."""
    source, elf = directory / "program.c", directory / f"{kept}.elf"
    source.write_text(PROGRAM)
    flags = ["-mcpu=cortex-m4", "-mthumb", "-O2", "-g1", "-nostdlib", "-Wl,-emain"]
    attribute = f"-DKEPT=__attribute__(({kept}))"
    must_run("arm-none-eabi-gcc", [*flags, attribute, source, "-o", elf])
    return elf


def symbols(elf: Path) -> dict[str, int]:
    listed = must_run("arm-none-eabi-nm", ["-S", elf])
    return {name: int(size, 16) for size, name in re.findall(r" (\w+) [tT] (\w+)", listed)}


def test_functions_of_their_own_count_as_large_as_their_symbols(tmp_path: Path) -> None:
    elf = link(tmp_path, "noinline")
    sizes, counted = symbols(elf), layer_code_bytes(elf, 13)
    for layer in (0, 1, 12):
        assert counted[layer] == sizes[f"layer_{layer}"] > 0
    assert sum(counted) == sum(sizes[f"layer_{layer}"] for layer in (0, 1, 12))


def test_layers_built_into_their_caller_are_still_told_apart(tmp_path: Path) -> None:
    elf = link(tmp_path, "always_inline")
    sizes, counted = symbols(elf), layer_code_bytes(elf, 13)
    assert not any(name.startswith("layer_") for name in sizes)
    assert counted[1] > counted[0] > counted[12] > 0
    assert sum(counted) < sizes["main"]
