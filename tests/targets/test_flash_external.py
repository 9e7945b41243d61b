# SPDX-License-Identifier: Apache-2.0
"""Flashing the weights that lie in external flash, by openocd."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from netsuke.compiler.errors import InputError
from netsuke.targets.flash.command import flash_directory
from netsuke.targets.flash.parts import flash_part
from netsuke.targets.flash.result import External
from netsuke.targets.flash.tools import openocd_arguments
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import run_tool


@pytest.fixture
def external(tmp_path: Path) -> Path:
    """What compile leaves for a board whose external flash holds the weights."""
    (tmp_path / "firmware").mkdir()
    (tmp_path / "firmware/firmware.bin").write_bytes(b"abcd")
    (tmp_path / "firmware/external.bin").write_bytes(b"weights!")
    files = ["firmware/firmware.bin", "firmware/external.bin"]
    report = {"target": {"name": "stm32f746g_disco"}, "files": files}
    (tmp_path / "report.json").write_text(json.dumps(report))
    return tmp_path


def test_external_flash_is_written_before_the_program_starts(
    external: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, program = external / "calls", external / "openocd"
    program.write_text(f'#!/bin/sh\necho "$@" >>{log}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(external), prepend=os.pathsep)
    board = find_target("stm32f746g_disco")
    done = flash_directory(external, board, "swd", None, lambda text: None)
    assert (done.probe, done.bytes_verified) == ("swd", 4 + 8)
    (said,) = log.read_text().splitlines()
    assert said.startswith("-f board/stm32f746g-disco.cfg -c init; reset halt -c set id [expr {")
    assert said.endswith(
        " -c program external.bin verify 0x90000000"
        " -c program firmware.bin verify reset exit 0x08000000"
    )


@pytest.mark.parametrize("probe", ["uart", "dfu"])
def test_only_a_probe_reaches_external_flash(external: Path, probe: Any) -> None:
    board, port = find_target("stm32f746g_disco"), "p" if probe == "uart" else None
    message = f"--probe {probe}: got weights for external flash, want --probe swd"
    with pytest.raises(InputError, match=message):
        flash_directory(external, board, probe, port, lambda text: None)


def test_external_images_that_cannot_be_flashed(external: Path) -> None:
    board = find_target("stm32f746g_disco")
    (external / "firmware/external.bin").write_bytes(b"")
    with pytest.raises(InputError, match=r"external\.bin: got 0 bytes, want 1 to 16777216"):
        flash_directory(external, board, "swd", None, lambda text: None)
    (external / "firmware/external.bin").unlink()
    with pytest.raises(InputError, match=r"no firmware/external\.bin"):
        flash_directory(external, board, "swd", None, lambda text: None)


@pytest.mark.skipif(not shutil.which("openocd"), reason="openocd is not installed")
@pytest.mark.parametrize("name", ["stm32f746g_disco", "stm32h747i_disco", "b_l475e_iot01a"])
def test_openocd_knows_boards_and_their_external_flash(name: str, tmp_path: Path) -> None:
    """The real openocd reads its file of the board; only what needs a probe is replaced."""
    target = find_target(name)
    assert target.board and target.board.quadspi and target.flash
    flashed = flash_part(target.board.part, target.flash)
    image = External(tmp_path / "external.bin", 0x90000000, target.board.quadspi.openocd)
    arguments = openocd_arguments("firmware.bin", flashed, image)
    stubs = "proc init {} {foreach bank [flash list] {echo $bank}}; proc reset {mode} {}; "
    stubs += f"proc read_memory {{address width count}} {{return {flashed.product_id}}}; "
    stubs += "proc program {args} {echo $args; if {[lsearch $args exit] > 0} shutdown}"
    at = arguments.index("-c")
    done = run_tool("openocd", [*arguments[:at], "-c", stubs, *arguments[at:]], timeout_s=20)
    assert done.returncode == 0, done.stderr
    assert "external.bin verify 0x90000000\nfirmware.bin verify reset exit" in done.stderr
    assert f"driver stmqspi base {0x90000000} " in done.stderr
