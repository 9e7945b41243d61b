# SPDX-License-Identifier: Apache-2.0
"""Finding a board's serial port among those that are connected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from netsuke.compiler.errors import InputError, ToolError
from netsuke.targets.board import load_boards
from netsuke.targets.ports import choose_port
from netsuke.targets.target import find_target


@dataclass
class Connected:
    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None


LEGACY = Connected("/dev/ttyS0")
MOUSE = Connected("/dev/ttyUSB0", 0x0403, 0x6001, "FT1")
F446 = Connected("/dev/ttyACM0", 0x0483, 0x374B, "0669FF")
OTHER = Connected("/dev/ttyACM1", 0x0483, 0x374B, "0671FF")
H7 = Connected("/dev/ttyACM2", 0x0483, 0x374E, "003B00")


def choose(target: str, asked: str | None, *ports: Connected) -> tuple[str | None, Sequence[str]]:
    said: list[str] = []
    return choose_port(find_target(target), asked, lambda: ports, said.append), said


def test_the_only_probe_of_the_right_kind_is_used_and_named() -> None:
    port, said = choose("nucleo_f446re", None, LEGACY, MOUSE, F446, H7)
    assert port == "/dev/ttyACM0" and said == ["found ST NUCLEO-F446RE at /dev/ttyACM0"]
    assert choose("nucleo_h743zi2", "auto", LEGACY, MOUSE, F446, H7)[0] == "/dev/ttyACM2"


def test_a_port_that_is_named_is_used_unseen() -> None:
    assert choose("nucleo_f446re", "socket://here:1", F446) == ("socket://here:1", [])


def test_without_a_probe_the_emulator_is_used_and_named() -> None:
    port, said = choose("nucleo_f446re", None, LEGACY, MOUSE, H7)
    assert port is None
    assert said == [
        "no probe of ST NUCLEO-F446RE is connected: ST NUCLEO-F446RE, stood in for by mps2-an386"
    ]


@pytest.mark.parametrize("target", ["mps2-an386", "netduinoplus2", "host", "stm32f405rg"])
def test_other_targets_do_not_look(target: str) -> None:
    assert choose(target, None, F446) == (None, [])


def test_several_probes_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        choose("nucleo_f446re", None, F446, OTHER)
    assert str(caught.value) == (
        "nucleo_f446re: got 2 probes (/dev/ttyACM0 0669FF, /dev/ttyACM1 0671FF), want one "
        "(hint: --port /dev/ttyACM0)"
    )


def test_auto_insists() -> None:
    with pytest.raises(ToolError) as caught:
        choose("nucleo_f446re", "auto", LEGACY)
    assert str(caught.value) == (
        "no ST NUCLEO-F446RE is connected (hint: looked for USB id 0483:374b or 0483:3752)"
    )
    with pytest.raises(InputError, match="--port auto: got mps2-an386"):
        choose("mps2-an386", "auto", F446)


def test_ids_in_board_files_are_vendor_and_product_in_hex() -> None:
    for board in load_boards():
        for text in board.usb:
            vendor, product = text.split(":")
            assert text == f"{int(vendor, 16):04x}:{int(product, 16):04x}"
            assert vendor == "0483" and board.serial is not None
