# SPDX-License-Identifier: Apache-2.0
"""Flashing by programs of others: openocd through the debug probe, dfu-util through USB."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from netsuke.compiler.errors import ToolError
from netsuke.targets.flash.parts import FlashPart, wrong_part
from netsuke.targets.flash.result import External, Flashed
from netsuke.targets.toolchain import run_tool

_TIMEOUT_S = 300.0
_EXTERNAL_TIMEOUT_S = 1800.0  # 16 MiB at 10 KB/s
_OTHER_ID = "other product id"
_DFU_ID = "0483:df11"  # AN2606, USB identification of the ROM's DFU bootloader


def flash_swd(image: Path, part: FlashPart, external: External | None = None) -> Flashed:
    """Write, verify and start `image` through an ST-LINK, by openocd; `external` before it.

    openocd erases the sectors it writes and no others. Raises InputError for another part than
    the one named, before anything is written; ToolError when openocd is not installed or fails: no
    probe, no part, protected flash, a difference after writing.
    """
    # In the images' folder, so that no path has to survive openocd's Tcl.
    arguments = openocd_arguments(image.name, part, external)
    timeout_s = _EXTERNAL_TIMEOUT_S if external else _TIMEOUT_S
    done = run_tool("openocd", arguments, image.parent, timeout_s)
    if other := re.search(rf"{_OTHER_ID} (0x[0-9A-F]+)", done.stderr + done.stdout):
        raise wrong_part(int(other[1], 16), part)
    if done.returncode != 0:
        raise _failed("openocd", done, "is the board connected and powered, is it the one named?")
    sizes = [path.stat().st_size for path in (image, external.image if external else None) if path]
    return Flashed("swd", sum(sizes))


def openocd_arguments(name: str, part: FlashPart, external: External | None) -> tuple[str, ...]:
    """Return what makes openocd check the part's id and write the image `name`.

    External flash is written by openocd's driver stmqspi, which its own file of the board sets up
    at a reset (openocd's manual, "Flash Driver: stmqspi").
    """
    scripts: tuple[str, ...] = ("interface/stlink.cfg", f"target/{part.openocd}.cfg")
    if external:
        scripts = (external.openocd,)
    files = (argument for script in scripts for argument in ("-f", script))
    return (*files, *openocd_commands(name, part, external))


def openocd_commands(
    name: str, part: FlashPart, external: External | None = None
) -> tuple[str, ...]:
    """Return the commands, in Tcl, of which openocd's own scripts are not part."""
    check = (
        f"set id [expr {{[read_memory 0x{part.id_register:08X} 32 1] & 0xFFF}}]; "
        f"if {{$id != 0x{part.product_id:03X}}} "
        f"{{echo [format {{{_OTHER_ID} 0x%03X}} $id]; shutdown error}}"
    )
    programs = [f"program {name} verify reset exit 0x{part.flash.start:08X}"]
    if external:
        programs.insert(0, f"program {external.image.name} verify 0x{external.start:08X}")
    commands = ["init; reset halt", check, *programs]
    return tuple(argument for command in commands for argument in ("-c", command))


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
