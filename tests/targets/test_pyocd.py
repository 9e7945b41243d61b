# SPDX-License-Identifier: Apache-2.0
"""Flashing by pyocd: what it is asked, what its answers mean, and that the real one understands."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from netsuke.compiler.errors import InputError, NetsukeError, ToolError
from netsuke.targets.flash.command import flash_directory
from netsuke.targets.flash.parts import flash_part
from netsuke.targets.flash.pyocd import flash_pyocd
from netsuke.targets.target import find_target

_PYOCD = """#!/bin/sh
echo "$@" >>{log}
case "$*" in
json*) echo '{targets}' ;;
*read32*) echo 'e0042000:  {idcode}    !d..' ;;
*compare*) echo '{compared}' ;;
esac
exit {status}
"""


def fake(
    folder: Path, *, targets: tuple[str, ...] = ("stm32f446retx",), idcode: str = "10006421",
    compared: str = "All 4 bytes match.", status: int = 0,
) -> Path:  # fmt: skip
    (folder / "firmware").mkdir()
    (folder / "firmware/firmware.bin").write_bytes(b"abcd")
    (folder / "report.json").write_text(json.dumps({"target": {"name": "nucleo_f446re"}}))
    tools = folder / "tools"
    tools.mkdir()
    known = json.dumps({"targets": [{"name": name} for name in targets]})
    program = tools / "pyocd"
    program.write_text(
        _PYOCD.format(
            log=folder / "calls", targets=known, idcode=idcode, compared=compared, status=status
        )
    )
    program.chmod(0o755)
    for name in ("sh", "echo"):
        (tools / name).symlink_to(shutil.which(name) or "")
    return tools


def flash(folder: Path) -> int:
    board = find_target("nucleo_f446re")
    return flash_directory(folder, board, "swd", None, lambda text: None).bytes_verified


def test_what_pyocd_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id first, then sectors that are written and no others, then a comparison."""
    monkeypatch.setenv("PATH", str(fake(tmp_path)))
    assert flash(tmp_path) == 4
    image = tmp_path / "firmware/firmware.bin"
    commander = "commander --no-config --no-wait -t cortex_m -M halt"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "json --no-config --targets",
        f"{commander} -c read32 0xE0042000",
        f"load --no-config --no-wait -t stm32f446retx -e sector --format bin -a 0x08000000 {image}",
        f"{commander} -c compare 0x08000000 firmware.bin -c reset",
    ]


@pytest.mark.parametrize(
    ("answers", "error", "message", "calls"),
    [
        ({"idcode": "10006431"}, InputError, "part has product id 0x431, want 0x421", 2),
        ({"compared": "Mismatched byte at 0x08000001"}, ToolError, "other bytes than were", 4),
        ({"targets": ("stm32f429xi",)}, ToolError, "no target for stm32f446re .*pack install", 1),
        ({"status": 1}, ToolError, "pyocd: got ", 1),
    ],
)
def test_flows_that_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str],
    error: type[NetsukeError], message: str, calls: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", str(fake(tmp_path, **answers)))  # type: ignore[arg-type]
    with pytest.raises(error, match=message) as caught:
        flash(tmp_path)
    assert "\n" not in str(caught.value)
    assert len((tmp_path / "calls").read_text().splitlines()) == calls


def test_names_of_pyocds_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fake(tmp_path, targets=("stm32f429xg", "stm32f429xi"))))
    flash_memory = find_target("stm32f429zi").flash
    assert flash_memory is not None
    part = flash_part("stm32f429zi", flash_memory)
    with pytest.raises(InputError, match="0x421, want 0x419"):  # the fake is an F446
        flash_pyocd(tmp_path / "firmware/firmware.bin", part)


@pytest.mark.skipif(not shutil.which("pyocd"), reason="pyocd is not installed")
def test_the_real_one_finds_no_probe(tmp_path: Path) -> None:
    image = tmp_path / "firmware.bin"
    image.write_bytes(b"abcd")
    flash_memory = find_target("stm32f429zi").flash
    assert flash_memory is not None
    if "probes" in subprocess.run(["pyocd", "list"], capture_output=True, text=True).stdout:
        with pytest.raises(ToolError, match="pyocd: got No connected debug probes"):
            flash_pyocd(image, flash_part("stm32f429zi", flash_memory))
