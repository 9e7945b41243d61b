# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.targets.doctor import examine


def test_what_this_machine_has() -> None:
    checks = {check.name: check for check in examine()}
    assert checks["arm-none-eabi-gcc"].found.count(".") >= 1
    assert checks["qemu-system-arm"].ok and checks["newlib-nano"].ok


def test_an_empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = {check.name: check.get for check in examine() if not check.ok}
    assert missing == {
        "arm-none-eabi-gcc": "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi",
        "qemu-system-arm": "apt-get install qemu-system-arm",
        "newlib-nano": "apt-get install libnewlib-arm-none-eabi",
    }
