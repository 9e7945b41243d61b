# SPDX-License-Identifier: Apache-2.0
"""QEMU as a board."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from netsuke.targets.process import BoardProcess, board_process
from netsuke.targets.toolchain import find_tool


def emulate(
    machine: str, elf: Path, plugin: str | None = None
) -> AbstractContextManager[BoardProcess]:
    """Run `elf` on a machine of QEMU; its first serial line is the process's port.

    `plugin` is a plugin of QEMU's code generator with its arguments: 'path.so,name=value'.

    With -icount shift=0 each instruction takes one nanosecond of the machine's time, so timers
    count instructions and two runs give the same counts. Raises ToolError without QEMU.
    """
    command: list[str | Path] = [find_tool("qemu-system-arm"), "-machine", machine, "-kernel", elf]
    command += ["-icount", "shift=0", "-display", "none", "-monitor", "none"]
    command += ["-chardev", "stdio,id=line,signal=off", "-serial", "chardev:line"]
    command += ["-plugin", plugin] if plugin else []
    return board_process(f"emulator {machine}", command)
