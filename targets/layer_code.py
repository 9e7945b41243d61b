# SPDX-License-Identifier: Apache-2.0
"""Which bytes of an image's code belong to which layer of its model.

Generated C has a function for each layer, which the compiler builds into its caller; the debugger's
line tables still know of each instruction whose it was (binutils manual, "addr2line -i").
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from netsuke.targets.toolchain import find_tool, must_run

_FUNCTION = re.compile(r"^([0-9a-f]+) ([0-9a-f]+) [tT] (\S+)$", re.M)
_LAYER = re.compile(r"layer_(\d+)")
_STEP = 2  # bytes; Thumb instructions have two or four


def layer_code_bytes(elf: Path, layers: int) -> tuple[int, ...]:
    """Bytes of code of each layer of the only model in `elf`.

    Kernels that stand alone, because several layers call them, belong to none; of layers with the
    same code, which the compiler merges, one has it. Raises ToolError without GNU binutils for Arm.
    """
    addresses = list(_addresses(elf))
    lines = "\n".join(f"{a:#x}" for a in addresses)
    command = [find_tool("arm-none-eabi-addr2line"), "-a", "-f", "-i", "-s", "-e", str(elf)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    counts = Counter(_layers(done.stdout))
    return tuple(counts[layer] * _STEP for layer in range(layers))


def _addresses(elf: Path) -> Iterator[int]:
    """Every halfword of every function."""
    listed = must_run("arm-none-eabi-nm", ["-S", "--defined-only", elf])
    for start, size, _ in _FUNCTION.findall(listed):
        first = int(start, 16) & ~1
        yield from range(first, first + int(size, 16), _STEP)


def _layers(text: str) -> Iterator[int]:
    """For each address that lies in a layer's function, the layer."""
    for frames in text.split("0x")[1:]:
        if found := _LAYER.search(frames):
            yield int(found[1])
