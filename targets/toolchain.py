# SPDX-License-Identifier: Apache-2.0
"""The C compilers: finding and running them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from netsuke.compiler.errors import ToolError

# Debian's package of each tool that netsuke calls.
PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "arm-none-eabi-objcopy": "gcc-arm-none-eabi",
    "arm-none-eabi-addr2line": "gcc-arm-none-eabi",
    "arm-none-eabi-nm": "gcc-arm-none-eabi",
    "qemu-system-arm": "qemu-system-arm",
    "gcc": "gcc",
    "clang": "clang",
    "openocd": "openocd",
    "pyocd": "python3-pyocd",
    "dfu-util": "dfu-util",
}


def find_tool(name: str) -> str:
    """Return the path of a program. Raises ToolError, with the package that has it."""
    path = shutil.which(name)
    if path is None:
        raise ToolError(f"{name} is not installed", hint=f"apt-get install {PACKAGES[name]}")
    return path


def run_tool(
    name: str, arguments: Sequence[str | Path], cwd: Path | None = None, timeout_s: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it said, whatever its status."""
    command = [find_tool(name), *map(str, arguments)]
    try:
        return subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{name} did not end within {timeout_s:g} s") from error


def must_run(name: str, arguments: Sequence[str | Path], cwd: Path | None = None) -> str:
    """Run a program and return its standard output. Raises ToolError where its status is not 0."""
    done = run_tool(name, arguments, cwd)
    if done.returncode != 0:
        raise tool_failed(name, done)
    return done.stdout


def tool_failed(name: str, done: subprocess.CompletedProcess[str]) -> ToolError:
    """Return the error for a program that failed: the line of its output that says why."""
    said = (line for line in done.stderr.splitlines() if line.strip())
    lines = [line for line in said if "ld returned" not in line]
    telling = [line for line in lines if "error:" in line or "undefined reference" in line]
    line = (telling or lines or [f"exit status {done.returncode}"])[0]
    return ToolError(name, line.strip())


def source_line(elf: Path, address: int) -> str:
    """Return 'function (file.c:12)' for an address of code, '' where it is not known."""
    if shutil.which("arm-none-eabi-addr2line") is None:
        return ""
    done = run_tool("arm-none-eabi-addr2line", ["-f", "-s", "-e", elf, hex(address)])
    function, _, place = done.stdout.strip().partition("\n")
    return "" if function in ("", "??") else f"{function} ({place})"


def has_compiler(host: bool) -> bool:
    """Whether the compiler for a host target, or for boards, is installed."""
    return shutil.which("gcc" if host else "arm-none-eabi-gcc") is not None
