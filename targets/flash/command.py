# SPDX-License-Identifier: Apache-2.0
"""`netsuke flash`: from a directory that compile wrote to a part that runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from netsuke.compiler.errors import InputError
from netsuke.targets.flash.bootloader import Bootloader
from netsuke.targets.flash.parts import FlashPart, flash_part
from netsuke.targets.flash.result import Flashed
from netsuke.targets.flash.serial_flash import flash_serial
from netsuke.targets.flash.tools import flash_dfu, flash_swd
from netsuke.targets.link import open_stream
from netsuke.targets.target import Target

Probe = Literal["swd", "uart", "dfu"]


def flash_directory(
    directory: Path,
    target: Target,
    probe: Probe | None,
    port: str | None,
    progress: Callable[[str], None],
) -> Flashed:
    """Write the firmware in `directory` to the start of the target's flash, verify and start it.

    `probe` None is 'uart' where there is a `port` (a URL of pyserial), else 'swd'. Raises
    InputError for firmware of another target or none, and where the board's part is another one;
    ToolError for a tool that is missing and a board that fails.
    """
    probe = probe or ("uart" if port else "swd")
    part = _part(target)
    image = find_image(directory, target)
    if probe != "uart":
        if port:
            raise InputError("--port", f"a port with --probe {probe}", "none, or --probe uart")
        progress(f"flashing {target.title} by {probe}")
        return flash_swd(image, part) if probe == "swd" else flash_dfu(image, part)
    if not port:
        raise InputError("--probe uart", "no port", "--port URL")
    stream = open_stream(port, even_parity=True)  # AN3155 section 1: 8 bits, even parity
    try:
        return flash_serial(Bootloader(stream, port), image.read_bytes(), part, progress)
    finally:
        stream.close()


def find_image(directory: Path, target: Target) -> Path:
    """Return the image in a directory that compile wrote, checked to be one for `target`."""
    wanted = "a directory that netsuke compile wrote"
    try:
        report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
        built_for = report["target"]["name"]
    except OSError as error:
        raise InputError(str(directory), f"no report.json ({error.strerror})", wanted) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(str(directory / "report.json"), "another file's text", wanted) from None
    if built_for != target.name:
        raise InputError(
            str(directory), f"firmware for {built_for}", target.name, f"name it: -t {built_for}"
        )
    image = directory / "firmware" / "firmware.bin"
    if not image.is_file():
        raise InputError(
            str(directory), "no firmware/firmware.bin", "firmware", "compile with --firmware"
        )
    size = image.stat().st_size
    if not 0 < size <= target.flash_bytes:
        raise InputError(str(image), f"{size} bytes", f"1 to {target.flash_bytes} bytes")
    return image


def _part(target: Target) -> FlashPart:
    name = target.board.part if target.board else target.name
    if target.flash is None or not name:
        raise InputError(
            target.name,
            "a machine without a part to flash",
            "a board",
            "run and validate need none",
        )
    return flash_part(name, target.flash)
