# SPDX-License-Identifier: Apache-2.0
"""Flashing through the debug probe by pyocd, for those who have it and not openocd.

pyocd knows some parts itself and gets others from packs: `pyocd pack install stm32f446re`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from netsuke.compiler.errors import ToolError
from netsuke.targets.flash.parts import FlashPart, wrong_part
from netsuke.targets.flash.result import Flashed
from netsuke.targets.toolchain import run_tool

_TIMEOUT_S = 300.0
_CORE = "cortex_m"  # what pyocd calls a part of which it needs to know nothing


def flash_pyocd(image: Path, part: FlashPart) -> Flashed:
    """Write, verify and start `image`; pyocd erases the sectors it writes and no others.

    Raises InputError for another part than the one named, before anything is written; ToolError
    when pyocd is not installed or fails: no probe, a part it does not know, a difference.
    """
    start = f"0x{part.flash.start:08X}"
    target = _target(part)
    said = _pyocd(["commander", "-t", _CORE, "-M", "halt"], f"read32 0x{part.id_register:X}")
    found = re.search(rf"^{part.id_register:08x}:\s+([0-9a-f]{{8}})", said, re.MULTILINE)
    if found is None:
        raise ToolError("pyocd", "no product id", f"0x{part.product_id:03X} ({part.name})")
    product_id = int(found[1], 16) & 0xFFF
    if product_id != part.product_id:
        raise wrong_part(product_id, part)
    _pyocd(["load", "-t", target, "-e", "sector", "--format", "bin", "-a", start, image])
    commands = (f"compare {start} {image.name}", "reset")
    said = _pyocd(["commander", "-t", _CORE, "-M", "halt"], *commands, folder=image.parent)
    if f"All {image.stat().st_size} bytes match" not in said:
        raise ToolError("pyocd", "other bytes than were written", "the image", "flash again")
    return Flashed("swd", image.stat().st_size)


def _target(part: FlashPart) -> str:
    """Return pyocd's name of the part: packs add a package to it, pyocd's own list has an x."""
    known = json.loads(_pyocd(["json", "--targets"]))["targets"]
    names = [str(target["name"]).lower() for target in known]
    line, size = part.name[:9], part.name[10:11]
    for name in names:
        if name.startswith(part.name) or name in (f"{line}x{size}", f"{line}xx"):
            return name
    raise ToolError("pyocd", f"no target for {part.name}", hint=f"pyocd pack install {part.name}")


def _pyocd(arguments: list[str | Path], *commands: str, folder: Path | None = None) -> str:
    """Run pyocd, and `commands` in its commander; return what it said."""
    verb, *rest = arguments
    wait = () if verb == "json" else ("--no-wait",)
    wanted = [word for command in commands for word in ("-c", command)]
    done = run_tool("pyocd", [verb, "--no-config", *wait, *rest, *wanted], folder, _TIMEOUT_S)
    text = done.stdout + done.stderr
    if done.returncode == 0 and "No connected debug probes" not in text:
        return done.stdout if verb == "json" else text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"no connected|error|fail", line, re.I)]
    line = (telling or lines or [f"exit status {done.returncode}"])[0]
    hint = "is the board connected and powered, is it the one named?"
    raise ToolError("pyocd", re.sub(r"^\d+ [A-Z] ", "", line), hint=hint)
