# SPDX-License-Identifier: Apache-2.0
"""Flashing by programs of others: openocd through the debug probe, dfu-util through USB."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from netsuke.compiler.errors import ToolError
from netsuke.targets.flash.parts import FlashPart
from netsuke.targets.flash.result import Flashed
from netsuke.targets.toolchain import run_tool

_TIMEOUT_S = 300.0
_DFU_ID = "0483:df11"  # AN2606, USB identification of the ROM's DFU bootloader


def flash_swd(image: Path, part: FlashPart) -> Flashed:
    """Write, verify and start `image` through an ST-LINK, by openocd.

    openocd erases the sectors it writes and no others. Raises ToolError when it is not installed
    or fails: no probe, no part, protected flash, a difference after writing.
    """
    program = f"program {image.name} verify reset exit 0x{part.flash.start:08X}"
    arguments = ["-f", "interface/stlink.cfg", "-f", f"target/{part.openocd}.cfg", "-c", program]
    # In the image's folder, so that no path has to survive openocd's Tcl.
    done = run_tool("openocd", arguments, image.parent, _TIMEOUT_S)
    if done.returncode != 0:
        raise _failed("openocd", done, "is the board connected and powered, is it the one named?")
    return Flashed("swd", image.stat().st_size)


def flash_dfu(image: Path, part: FlashPart) -> Flashed:
    """Write `image` through the ROM's USB bootloader, read it back, compare and start it.

    dfu-util erases the pages it writes and no others. Raises ToolError when it is not installed,
    fails, or the flash differs.
    """
    start, size = f"0x{part.flash.start:08X}", image.stat().st_size
    hint = "BOOT0 high, reset, and the part's own USB port connected?"
    _dfu_util(["-s", start, "-D", image.resolve()], hint)
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        copy = Path(name) / "flash.bin"
        _dfu_util(["-s", f"{start}:{size}:leave", "-U", copy], hint)
        if copy.read_bytes()[:size] != image.read_bytes():
            raise ToolError("dfu-util", "other bytes than were written", "the image", "flash again")
    return Flashed("dfu", size)


def _dfu_util(arguments: list[str | Path], hint: str) -> None:
    done = run_tool("dfu-util", ["-d", _DFU_ID, "-a", "0", *arguments], timeout_s=_TIMEOUT_S)
    if done.returncode != 0:
        raise _failed("dfu-util", done, hint)


def _failed(tool: str, done: subprocess.CompletedProcess[str], hint: str) -> ToolError:
    """Return the first line that tells of an error; both tools write them among others."""
    lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|no dfu capable|cannot|fail", line, re.I)]
    line = (telling or lines or [f"exit status {done.returncode}"])[0]
    return ToolError(tool, line.removeprefix("Error: "), hint=hint)
