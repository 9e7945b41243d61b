# SPDX-License-Identifier: Apache-2.0
"""What this machine has of the tools netsuke calls, and how to get the rest."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from netsuke.targets.toolchain import PACKAGES, run_tool

_PURPOSES = {
    "arm-none-eabi-gcc": "building firmware",
    "qemu-system-arm": "running firmware without a board",
    "gcc": "running a model as a process of this machine (target host)",
    "openocd": "flashing and debugging boards",
    "dfu-util": "flashing boards by USB",
}
_OPTIONAL = ("gcc", "openocd", "dfu-util")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked for. `found` is its version, '' where it is missing; `get` is a command."""

    name: str
    found: str
    purpose: str
    get: str
    needed: bool

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return bool(self.found) or not self.needed


def examine() -> tuple[Check, ...]:
    """Look for every tool, library and Python package."""
    tools = tuple(
        Check(name, _version(name), purpose, _apt(PACKAGES[name]), name not in _OPTIONAL)
        for name, purpose in _PURPOSES.items()
    )
    libc = Check(
        "newlib-nano", _newlib(), "building firmware", _apt("libnewlib-arm-none-eabi"), True
    )
    oracle = Check(
        "tflite-micro",
        _distribution("tflite-micro"),
        "validate: the reference every byte is compared with",
        "pip install '.[validate]' in netsuke's folder",
        False,
    )
    gelu = replace(
        oracle,
        name="ai-edge-litert",
        found=_distribution("ai-edge-litert"),
        purpose="validate: the reference for GELU, which tflite-micro lacks",
    )
    return (*tools, libc, oracle, gelu)


def _apt(packages: str) -> str:
    return f"apt-get install {packages}"


def _version(tool: str) -> str:
    """Return the first number with dots that the tool's --version prints."""
    if shutil.which(tool) is None:
        return ""
    done = run_tool(tool, ["--version"], timeout_s=30)
    numbers = re.findall(r"\d+\.\d+(?:\.\d+)?", done.stdout + done.stderr)
    return numbers[0] if numbers else "unknown version"


def _newlib() -> str:
    """Return the newlib version for arm-none-eabi, '' without compiler or library."""
    if shutil.which("arm-none-eabi-gcc") is None:
        return ""
    done = run_tool("arm-none-eabi-gcc", ["-print-file-name=libc_nano.a"])
    library = Path(done.stdout.strip())
    if not library.is_absolute():
        return ""
    macros = run_tool(
        "arm-none-eabi-gcc", ["-E", "-dM", "-include", "_newlib_version.h", "-xc", "/dev/null"]
    )
    version = re.search(r'_NEWLIB_VERSION "([^"]+)"', macros.stdout)
    return version[1] if version else "unknown version"


def _distribution(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
