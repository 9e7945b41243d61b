# SPDX-License-Identifier: Apache-2.0
"""Parts without a board: their start-up, and the table of what was built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netsuke.targets.board import Clock, load_boards
from netsuke.targets.clocks.plans import clock_plans
from netsuke.targets.device import largest_parts
from netsuke.targets.emulator import emulate
from netsuke.targets.firmware import build_firmware
from netsuke.targets.port_config import board_config
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from scripts.parts_page import rows
from tests.targets.conftest import FOLDER, PLUS_ONE_BYTES, plus_one

PAGE = Path(__file__).parents[2] / "docs/PARTS.md"
# Families of modm-devices with a Cortex-M3 or better.
FAMILIES = [
    "f1",
    "f2",
    "f3",
    "f4",
    "f7",
    "g4",
    "h5",
    "h7",
    "l1",
    "l4",
    "l5",
    "u3",
    "u5",
    "wb",
    "wl",
]


def listed(lines: list[str]) -> list[tuple[str, ...]]:
    """Of each row what does not change with the model's code: target, memories, clock."""
    cells = [re.split(r" *\| *", line.strip("| \n")) for line in lines if line.startswith("| `")]
    return [(row[0], row[1], row[2], row[4], row[-1]) for row in cells]


def test_the_page_lists_boards_and_parts_of_every_family() -> None:
    names = [row[0].strip("`") for row in listed(PAGE.read_text().splitlines())]
    boards = [board.name for board in load_boards() if board.part]
    assert names == [*boards, *largest_parts()]
    assert len(largest_parts()) >= 40
    assert {name[5:7] for name in largest_parts()} == set(FAMILIES)


def test_who_stays_at_the_clock_after_reset() -> None:
    """Families that are not described, and parts of two regulators: as docs/PORTING.md says."""
    slow = [name for name in largest_parts() if clock_plans(name, Clock(), 0)[0].source == "reset"]
    assert {name[5:9] for name in slow} == {"h5f5", "h735", "h7b3", "h7s3", "h7s7", "u385", "u3c5"}


@pytest.mark.slow
def test_everything_that_the_page_lists_builds() -> None:
    built = list(rows())
    assert listed(built) == listed(PAGE.read_text().splitlines())
    assert sum("does not fit" in row for row in built) <= 6


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        # RM0008: APB2ENR IOPAEN and USART1EN; CRH, pin 9: output of a peripheral, 50 MHz.
        ("stm32f103c8", ["0x40021018u, 0x00000000u, 0x00004000u",
                         "0x40021018u, 0x00000000u, 0x00000004u",
                         "0x40010804u, 0x000000F0u, 0x000000B0u",
                         "8000000u, 0x00000045u}, /* reset"]),
        # RM0316: AHBENR's bit of port A is 17.
        ("stm32f303re", ["0x40021014u, 0x00000000u, 0x00020000u",
                         "0x48000024u, 0x000000F0u, 0x00000070u"]),
        # The F407's own speed from its own oscillator: 84 MHz / 115200 = 729.2.
        ("stm32f407ve", ["168000000u, 0x000002D9u}, /* internal",
                         "define NK_USART_INTERRUPT 37u"]),
        ("stm32h563zi", ["32000000u, 0x00000116u}, /* reset",
                         "0x44020CA4u, 0x00000000u, 0x00004000u",
                         "define NK_USART_INTERRUPT 58u"]),
        ("stm32wb55rg", ["0x58000060u, 0x00000000u, 0x00004000u",
                         "define NK_USART_INTERRUPT 36u"]),
    ],
)  # fmt: skip
def test_start_up_of_a_part(tmp_path: Path, part: str, lines: list[str]) -> None:
    target = find_target(part)
    text = board_config(target)
    for line in lines:
        assert line in text
    firmware = build_firmware(
        [FOLDER / "glue_plus_one.c"], [], target, tmp_path, optimize="size", extra_flags=["-Werror"]
    )
    assert target.ram is not None
    assert firmware.bin.read_bytes()[:4] == (target.ram.start + 4096).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("part", "machine"),
    [("stm32f100rb", "stm32vldiscovery"), ("stm32f205rf", "netduino2")],
)
def test_a_part_that_the_emulator_has(tmp_path: Path, part: str, machine: str) -> None:
    """Its own firmware, at its own USART1. The emulator has no clocks that could come up."""
    target = find_target(part)
    firmware = build_firmware(
        [FOLDER / "glue_plus_one.c"], [], target, tmp_path, optimize="size", stack_bytes=768,
        defines={"NK_AGENT_LAYERS": "4"},
    )  # fmt: skip
    with emulate(machine, firmware.elf) as process, session(target, firmware, process.port) as c:
        assert c.run(bytes(PLUS_ONE_BYTES)) == plus_one(bytes(PLUS_ONE_BYTES), 1)[-1].tobytes()
