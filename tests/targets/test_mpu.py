# SPDX-License-Identifier: Apache-2.0
"""External memory on a Cortex-M7: closed but for what is there, which is only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.targets.device import Memory
from netsuke.targets.fault import BoardFault
from netsuke.targets.firmware import build_firmware
from netsuke.targets.mpu import mpu_regions
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from tests.targets.conftest import FOLDER
from tests.targets.test_session import DATA

QSPI = Memory("QSPI", "external", 0x90000000, 16 << 20)


def decoded(rasr: int) -> dict[str, int]:
    """MPU_RASR by the table of PM0253, section 4.6.6."""
    return {
        "bytes": 2 << (rasr >> 1 & 31), "XN": rasr >> 28 & 1, "AP": rasr >> 24 & 7,
        "TEX": rasr >> 19 & 7, "C": rasr >> 17 & 1, "B": rasr >> 16 & 1, "on": rasr & 1,
    }  # fmt: skip


def test_regions() -> None:
    first, second, flash = mpu_regions(QSPI)
    assert (first.start, second.start, flash.start) == (0x60000000, 0x80000000, 0x90000000)
    for closed in (first, second):
        fields = decoded(closed.attributes)
        assert (fields["bytes"], fields["AP"], fields["XN"], fields["on"]) == (1 << 29, 0, 1, 1)
    # Read only for all, never executed, "write-through, no write allocate".
    assert decoded(flash.attributes) == {
        "bytes": 16 << 20, "XN": 1, "AP": 6, "TEX": 0, "C": 1, "B": 0, "on": 1,
    }  # fmt: skip
    assert mpu_regions(None) == (first, second)
    assert all(r.start % decoded(r.attributes)["bytes"] == 0 for r in mpu_regions(QSPI))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("(void)*(volatile unsigned *)0x70000000u;", "CFSR 0x00000082"),
        ("*(volatile unsigned *)0x60000000u = 1;", "CFSR 0x00000082"),
        ("((void (*)(void))0x60000001u)();", "instruction fetch not allowed"),
        ("(void)*(volatile unsigned *)0x60000000u;", ""),
    ],
)
def test_the_core_is_held_to_them(tmp_path: Path, statement: str, fault: str) -> None:
    """On the emulated Cortex-M7, whose external memory lies at 0x60000000. CFSR's bits 1 and 7:
    data access violation, its address known (DDI 0403E section B3.2.15)."""
    text = (FOLDER / "glue_plus_one.c").read_text()
    start = "void nk_model_init(void)\n{"
    assert start in text
    source = tmp_path / "glue.c"
    source.write_text(text.replace(start, f"{start}\n    {statement}"))
    target = find_target("mps2-an500")
    firmware = build_firmware([source], [FOLDER], target, tmp_path / "out", optimize="size")
    with session(target, firmware, None) as client:
        if not fault:
            client.run(DATA)
            return
        with pytest.raises(BoardFault, match=fault):
            client.run(DATA)
