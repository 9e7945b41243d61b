# SPDX-License-Identifier: Apache-2.0
"""Targets by name, with facts copied from ST's data sheets and reference manuals."""

from __future__ import annotations

from pathlib import Path

import modm_devices
import pytest

from netsuke.compiler.errors import InputError
from netsuke.targets.board import load_boards
from netsuke.targets.device import device_names, find_device
from netsuke.targets.target import emulated, find_target, list_targets

KIB = 1024


@pytest.mark.parametrize(
    ("name", "core", "flash_kib", "ram_kib", "ram_start"),
    [
        ("stm32f103c8", "cortex-m3", 64, 20, 0x20000000),  # DS5319
        ("stm32f405rg", "cortex-m4", 1024, 128, 0x20000000),  # DS8626: 112 + 16, CCM apart
        ("stm32f446re", "cortex-m4", 512, 128, 0x20000000),  # DS10693
        ("stm32f746ng", "cortex-m7", 1024, 320, 0x20000000),  # DS10916: DTCM 64 + 240 + 16
        ("stm32f750n8", "cortex-m7", 64, 320, 0x20000000),  # DS12535
        ("stm32h743zi", "cortex-m7", 2048, 512, 0x24000000),  # DS12110: AXI SRAM
        ("stm32u575zi", "cortex-m33", 2048, 768, 0x20000000),  # DS13737: 192 + 64 + 512
        ("stm32f446ret6", "cortex-m4", 512, 128, 0x20000000),
        ("nucleo_l4r5zi", "cortex-m4", 2048, 640, 0x20000000),  # DS12023
        ("STM32F4_Discovery", "cortex-m4", 1024, 128, 0x20000000),
    ],
)
def test_facts(name: str, core: str, flash_kib: int, ram_kib: int, ram_start: int) -> None:
    target = find_target(name)
    assert (target.core, target.flash_bytes, target.ram_bytes) == (
        core, flash_kib * KIB, ram_kib * KIB,
    )  # fmt: skip
    assert target.ram is not None and target.ram.start == ram_start
    assert target.isa.dsp == (core != "cortex-m3") and not target.isa.mve


def test_a_part_with_two_cores() -> None:
    assert find_target("stm32h745zi").core == "cortex-m7"
    assert find_target("stm32h745zi@m4").core == "cortex-m4"


def test_external_flash_of_a_board() -> None:
    external = find_target("stm32f746g_disco").external
    assert external is not None
    assert (external.start, external.size_bytes) == (0x90000000, 16 * KIB * KIB)


@pytest.mark.parametrize(
    ("name", "machine"),
    [
        ("nucleo_f446re", "mps2-an386"),
        ("stm32f746ng", "mps2-an500"),
        ("stm32u575zi", "mps2-an505"),
        ("netduinoplus2", "netduinoplus2"),
        ("mps3-an547", "mps3-an547"),
    ],
)
def test_what_runs_without_a_board_has_the_sizes_of_the_target(name: str, machine: str) -> None:
    target = find_target(name)
    runs = emulated(target)
    assert runs.machine == machine
    assert (runs.ram_bytes, runs.flash_bytes) == (target.ram_bytes, target.flash_bytes)
    assert runs.core == target.core


def test_emulators_and_the_host() -> None:
    assert find_target("mps3-an547").isa.mve
    host = find_target("host")
    assert (host.core, host.ram_bytes, host.machine) == ("host", 0, "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nucleo_f446r", "got 'nucleo_f446r', want .*near: nucleo_f446re"),
        ("stm32f746n", "near: .*stm32f746ng"),
        ("mps2-an385", "near: mps2-an386"),
        ("stm32f030c6", "got a part with cortex-m0, want one of cortex-m3,"),
        ("stm32g071rb", "got a part with cortex-m0plus"),
        ("toaster", "netsuke targets lists them"),
        ("", "netsuke targets lists them"),
        ("../../etc", "netsuke targets lists them"),
    ],
)
def test_names_that_cannot_be_used(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_target(name)


def test_listing() -> None:
    assert {"host", "netduinoplus2", "mps2-an386", "nucleo_h743zi2"} <= set(list_targets())
    assert list_targets("f4_disco") == ("stm32f4_discovery",)
    assert "stm32f746ng" in list_targets("stm32f746")
    assert list_targets("nothing") == ()


def test_parts_that_share_a_listed_name_share_their_facts() -> None:
    """Package and temperature letters decide nothing: one family of many packages, compared."""
    for short in device_names("stm32f746"):
        device = find_device(short)
        for suffix in ("h6", "t6", "k6", "y6"):
            longer = find_device(short + suffix)
            assert longer is None or (device is not None and longer.memories == device.memories)


def test_interrupts_of_serial_lines_are_those_of_the_parts() -> None:
    """The board files against modm-devices, which takes its vectors from ST's own headers."""
    for board in load_boards():
        if board.serial is None:
            continue
        folder = Path(modm_devices.__file__).parent / "resources/devices/stm32"
        texts = [path.read_text() for path in folder.glob(f"{board.part[:7]}*.xml")]
        text = next(text for text in texts if f"<valid-device>{board.part}" in text)
        vector = f'<vector position="{board.serial.interrupt}" name="{board.serial.name}"/>'
        assert vector in text


def test_every_board_cites_a_manual_and_is_a_target() -> None:
    for board in load_boards():
        target = find_target(board.name)
        assert board.manual and board.title
        assert target.ram_bytes > 0 and target.flash_bytes > 0
