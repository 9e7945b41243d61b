# SPDX-License-Identifier: Apache-2.0
"""Running an image in the emulator with the plugin that counts each instruction."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from netsuke.compiler.errors import ToolError
from netsuke.targets.agent import AgentClient
from netsuke.targets.emulator import emulate
from netsuke.targets.firmware import Firmware
from netsuke.targets.link import Link, open_stream
from netsuke.targets.toolchain import must_run
from tests.bench.cycles import Count, Estimate, Instruction, disassemble, estimate, read_counts

_SOURCE = Path(__file__).parent / "plugin" / "cycles.c"
_INVOKE_S = 600.0


def build_plugin(directory: Path) -> Path:
    """Compile the plugin for this computer."""
    plugin = directory / "cycles.so"
    options = ["-std=c11", "-O2", "-shared", "-fPIC", "-fvisibility=hidden"]
    must_run("gcc", [*options, "-o", plugin, _SOURCE])
    return plugin


def count(machine: str, elf: Path, plugin: Path, first: int, end: int) -> dict[int, Count]:
    """Run an image that needs no serial line from `first` up to the instruction at `end`."""
    file = elf.with_suffix(".counts")
    with emulate(machine, elf, _arguments(plugin, first, end, file)) as process:
        for _ in range(200):
            if file.exists():
                return read_counts(file)
            process.check_alive(0.05)
    raise ToolError(f"{elf.name} does not come to {end:#x}")


def estimate_inference(machine: str, firmware: Firmware, data: bytes, directory: Path) -> Estimate:
    """Cycles of one inference on the bytes of a resident input."""
    code = disassemble(firmware.elf)
    first, end = _call(code, "nk_model_invoke")
    file = directory / "counts"
    plugin = _arguments(build_plugin(directory), first, end, file)
    with emulate(machine, firmware.elf, plugin) as process:
        link = Link(open_stream(process.port), machine, process.check_alive)
        AgentClient(link, _INVOKE_S).run(data)
        link.close()
    return estimate(code, read_counts(file))


def _arguments(plugin: Path, first: int, end: int, file: Path) -> str:
    return f"{plugin},from={first:#x},to={end:#x},counts={file}"


def _call(code: list[Instruction], function: str) -> tuple[int, int]:
    """Address of a function that is called in one place, and the one it returns to."""
    calls = [
        (before, behind)
        for before, behind in pairwise(code)
        if before.mnemonic == "bl" and before.operands.endswith(f"<{function}>")
    ]
    if len(calls) != 1:
        raise ToolError(f"{function} is called in {len(calls)} places, one is wanted")
    (call, behind) = calls[0]
    return int(re.split(r"\s", call.operands)[0], 16), behind.address
