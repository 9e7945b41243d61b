# SPDX-License-Identifier: Apache-2.0
"""`netsuke flash`: from a directory that compile wrote to a part that runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from netsuke.compiler.errors import InputError
from netsuke.targets.firmware import EXTERNAL_IMAGE
from netsuke.targets.flash.bootloader import Bootloader
from netsuke.targets.flash.parts import FlashPart, flash_part
from netsuke.targets.flash.pyocd import flash_pyocd
from netsuke.targets.flash.result import External, Flashed
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
    """Write the firmware in `directory` to the start of the target's flash, verify and start it;
    before it, the weights to external flash where they belong there.

    `probe` None is 'uart' where there is a `port` (a URL of pyserial), else 'swd'. Raises
    InputError for firmware of another target or none, and where the board's part is another one;
    ToolError for a tool that is missing and a board that fails.
    """
    probe = probe or ("uart" if port else "swd")
    part = _part(target)
    image, external = find_image(directory, target), find_external(directory, target)
    if external and probe != "swd":
        hint = "only openocd writes it, through the board's debug probe"
        raise InputError(f"--probe {probe}", "weights for external flash", "--probe swd", hint)
    if probe != "uart":
        if port:
            raise InputError("--port", f"a port with --probe {probe}", "none, or --probe uart")
        progress(f"flashing {target.title} by {probe}")
        if probe == "dfu":
            return flash_dfu(image, part)
        by_pyocd = shutil.which("openocd") is None and shutil.which("pyocd") is not None
        if by_pyocd and external is None:
            return flash_pyocd(image, part)
        return flash_swd(image, part, external)
    if not port:
        raise InputError("--probe uart", "no port", "--port URL")
    stream = open_stream(port, even_parity=True)  # AN3155 section 1: 8 bits, even parity
    try:
        return flash_serial(Bootloader(stream, port), image.read_bytes(), part, progress)
    finally:
        stream.close()


def find_image(directory: Path, target: Target) -> Path:
    """Return the image in a directory that compile wrote, checked to be one for `target`."""
    built_for = _report(directory)["target"]["name"]
    if built_for != target.name:
        raise InputError(
            str(directory), f"firmware for {built_for}", target.name, f"name it: -t {built_for}"
        )
    return _image(directory, "firmware.bin", target.flash_bytes)


def find_external(directory: Path, target: Target) -> External | None:
    """Return the image for the target's external flash, None where compile wrote none."""
    board, memory = target.board, target.external
    if f"firmware/{EXTERNAL_IMAGE}" not in _report(directory).get("files", ()):
        return None
    if board is None or board.quadspi is None or memory is None:
        raise InputError(target.name, "weights for external flash", "a board that has some")
    image = _image(directory, EXTERNAL_IMAGE, memory.size_bytes)
    return External(image, memory.start, board.quadspi.openocd)


def _report(directory: Path) -> dict[str, Any]:
    wanted = "a directory that netsuke compile wrote"
    try:
        report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
        report["target"]["name"]
    except OSError as error:
        raise InputError(str(directory), f"no report.json ({error.strerror})", wanted) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(str(directory / "report.json"), "another file's text", wanted) from None
    assert isinstance(report, dict)
    return report


def _image(directory: Path, name: str, most_bytes: int) -> Path:
    image = directory / "firmware" / name
    if not image.is_file():
        raise InputError(
            str(directory), f"no firmware/{name}", "firmware", "compile with --firmware"
        )
    size = image.stat().st_size
    if not 0 < size <= most_bytes:
        raise InputError(str(image), f"{size} bytes", f"1 to {most_bytes} bytes")
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
