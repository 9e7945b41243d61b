# SPDX-License-Identifier: Apache-2.0
"""Start-up of external flash against a model of RCC, GPIO, QUADSPI and the flash chips.

The model knows the rules of the reference manuals (RM0385 section 14, RM0399 section 24, RM0351
section 17) and the chips' data sheets, and notes every rule that is broken.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path

import modm_devices
import pytest

from netsuke.targets.board import load_boards
from netsuke.targets.port_config import board_config
from netsuke.targets.quadspi import quadspi_steps
from netsuke.targets.target import find_target
from tests.targets.start_up import start_up

MHZ = 1_000_000


@dataclass(frozen=True)
class Part:
    """From CMSIS headers: registers of RCC (address, bit), QUADSPI, GPIO port A, fastest clock."""

    enable: tuple[int, int]
    reset: tuple[int, int]
    quadspi: int
    gpio: int
    clock_hz: int


PARTS = {
    "stm32f746g_disco": Part((0x40023838, 1), (0x40023818, 1), 0xA0001000, 0x40020000, 216 * MHZ),
    "stm32h747i_disco": Part((0x580244D4, 14), (0x5802447C, 14), 0x52005000, 0x58020000, 240 * MHZ),
    "b_l475e_iot01a": Part((0x40021050, 8), (0x40021030, 8), 0xA0001000, 0x48000000, 80 * MHZ),
}

# Data sheets: (instruction, address bytes, dummy cycles, data lines) a chip can be read by after
# power-up, and up to which clock.
READS = {
    "stm32f746g_disco": {(0x6B, 3, 8, 4): 108 * MHZ, (0x0B, 3, 8, 1): 108 * MHZ},
    "stm32h747i_disco": {(0x6C, 4, 8, 4): 133 * MHZ, (0x0C, 4, 8, 1): 133 * MHZ},
    "b_l475e_iot01a": {(0x0B, 3, 8, 1): 33 * MHZ},
}
BYTES = {"stm32f746g_disco": 1 << 24, "stm32h747i_disco": 1 << 27, "b_l475e_iot01a": 1 << 23}
CHIPS = {"stm32f746g_disco": 1, "stm32h747i_disco": 2, "b_l475e_iot01a": 1}

CR, DCR, SR, FCR, CCR = 0x00, 0x04, 0x08, 0x0C, 0x14


@dataclass
class Model:
    """RCC, pins, QUADSPI and a flash that listens on `lines` lines (4 after a debugger)."""

    board: str
    lines: int = 1
    busy: bool = False
    deaf: bool = False
    broken: list[str] = field(default_factory=list)
    memory: dict[int, int] = field(default_factory=dict)
    sending: int = 0
    done: bool = False
    reset_enabled: bool = False
    resets: int = 0
    mapped: int | None = None

    def __post_init__(self) -> None:
        self.part = PARTS[self.board]
        self.base = self.part.quadspi

    def require(self, holds: bool, rule: str) -> None:
        if not holds:
            self.broken.append(rule)

    def bit(self, register: tuple[int, int]) -> bool:
        return bool(self.memory.get(register[0], 0) >> register[1] & 1)

    def read(self, address: int) -> int:
        if not self.base <= address < self.base + 0x400:
            return self.memory.get(address, 0)
        self.require(self.bit(self.part.enable), "QUADSPI read without its clock")
        if address != self.base + SR:
            return 0 if address == self.base + FCR else self.memory.get(address, 0)
        if self.sending:
            self.sending -= 1
            self.done = not self.sending and not self.deaf
        return self.done << 1 | (self.busy or self.sending > 0) << 5

    def write(self, address: int, value: int) -> None:
        if not self.base <= address < self.base + 0x400:
            self.memory[address] = value
            if address == self.part.reset[0] and self.bit(self.part.reset):
                self.memory = {a: v for a, v in self.memory.items() if a & ~0x3FF != self.base}
                self.busy, self.done, self.sending, self.mapped = False, False, 0, None
            return
        self.require(self.bit(self.part.enable), "QUADSPI written without its clock")
        self.require(not self.bit(self.part.reset), "QUADSPI written while in reset")
        offset = address - self.base
        if offset == FCR:
            self.done = self.done and not value & 2
            return
        self.require(not self.busy and not self.sending, f"register {offset:#x} written while busy")
        self.require(offset != SR, "SR is read-only")
        self.memory[address] = value
        if offset == CCR:
            self.command(value)

    def command(self, value: int) -> None:
        control = self.memory.get(self.base + CR, 0)
        self.require(bool(control & 1), "instruction while QUADSPI is off")
        mode = value >> 26 & 3
        if mode == 3:
            self.mapped = value
            return
        self.require(mode == 0 and not value >> 24 & 3, "neither a bare instruction nor mapping")
        self.require(not self.done, "TCF of the instruction before was not cleared")
        self.sending = 3
        lines = {1: 1, 2: 2, 3: 4}[value >> 8 & 3]
        if lines == self.lines:  # on other lines, the chip sees a broken instruction
            instruction = value & 0xFF
            if instruction == 0x99 and self.reset_enabled:
                self.lines, self.resets = 1, self.resets + 1
            self.reset_enabled = instruction == 0x66

    def pin(self, name: str) -> tuple[int, int, int]:
        """Mode, speed and alternate function of a pin such as 'PB6'."""
        port, number = ord(name[1]) - ord("A"), int(name[2:])
        base = self.part.gpio + 0x400 * port
        mode, speed = (
            self.memory.get(base + offset, 0) >> 2 * number & 3 for offset in (0x00, 0x08)
        )
        function = self.memory.get(base + 0x20 + 4 * (number // 8), 0) >> 4 * (number % 8) & 0xF
        return mode, speed, function

    def check_mapped(self) -> None:
        """The flash can be read: the rules that hold once start-up is over."""
        assert self.mapped is not None
        value, control = self.mapped, self.memory[self.base + CR]
        device = self.memory[self.base + DCR]
        read = (
            value & 0xFF, (value >> 12 & 3) + 1, value >> 18 & 31, {1: 1, 3: 4}[value >> 24 & 3],
        )  # fmt: skip
        assert read in READS[self.board]
        assert value >> 8 & 3 == 1 and value >> 10 & 3 == 1 and value >> 14 & 3 == 0
        clock_hz = self.part.clock_hz / ((control >> 24) + 1)
        assert clock_hz <= READS[self.board][read]
        high_s = ((device >> 8 & 7) + 1) / clock_hz
        assert high_s >= 50e-9, "chip select must be high for 50 ns"
        assert 1 << (device >> 16 & 31) + 1 == BYTES[self.board]
        assert (control >> 6 & 1) + 1 == CHIPS[self.board]
        assert not control & 1 << 3, "the time-out counter: errata of the STM32H7"
        assert (self.lines, self.broken) == (1, []) and self.resets >= 1


def test_every_board_with_serial_flash_is_tested() -> None:
    assert {board.name for board in load_boards() if board.quadspi} == PARTS.keys()
    for board in PARTS:
        external = find_target(board).external
        assert external is not None
        assert (external.start, external.size_bytes) == (0x90000000, BYTES[board])


@pytest.mark.parametrize("board", PARTS)
@pytest.mark.parametrize("lines", [1, 4])
@pytest.mark.parametrize("busy", [False, True])
def test_flash_is_memory_after_start_up(board: str, lines: int, busy: bool, tmp_path: Path) -> None:
    """After power-up, after a debugger that left the flash in four-line mode, and once more."""
    model = Model(board, lines=lines, busy=busy)
    assert start_up(find_target(board), model, tmp_path) == 0
    model.check_mapped()
    model.busy = True  # reading keeps the controller busy
    assert start_up(find_target(board), model, tmp_path) == 0
    model.check_mapped()


@pytest.mark.parametrize("board", PARTS)
def test_pins_are_those_of_the_part(board: str, tmp_path: Path) -> None:
    """Against modm-devices, which has ST's tables of alternate functions."""
    model = Model(board)
    start_up(find_target(board), model, tmp_path)
    found = next(b for b in load_boards() if b.name == board)
    assert found.quadspi is not None
    signals = []
    for pin in found.quadspi.pins:
        assert model.pin(pin.name) == (2, 3, pin.function)
        signals.append(signal_of(found.part, pin.name, pin.function))
    wanted = {"clk", "bk1_ncs", *(f"bk1_io{i}" for i in range(4))}
    wanted |= {f"bk2_io{i}" for i in range(4)} if CHIPS[board] == 2 else set()
    assert sorted(signals) == sorted(wanted - {"bk1_ncs"} | {"ncs"})


def signal_of(part: str, pin: str, function: int) -> str:
    """The signal of QUADSPI that modm-devices has at a pin's alternate function."""
    folder = Path(modm_devices.__file__).parent / "resources/devices/stm32"
    port, number = pin[1].lower(), pin[2:]
    for path in sorted(folder.glob(f"{part[:7]}*.xml")):
        text = path.read_text()
        if f"<valid-device>{part}" not in text:
            continue
        gpio = re.search(rf'<gpio[^>]* port="{port}" pin="{number}".*?</gpio>', text, re.S)
        assert gpio
        signal = re.search(rf'<signal[^>]* af="{function}" driver="quadspi" name="(\w+)"', gpio[0])
        assert signal, f"{pin} has no QUADSPI at AF{function}"
        return "ncs" if signal[1].endswith("ncs") else signal[1]
    raise AssertionError(f"modm-devices has no {part}")


def test_a_controller_that_never_answers_does_not_hang(tmp_path: Path) -> None:
    model = Model("stm32f746g_disco", deaf=True)
    assert start_up(find_target("stm32f746g_disco"), model, tmp_path) == 4


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("NK_CHANGE, 0x40023838u, 0x00000000u, 0x00000002u", "NK_PAUSE, 0u, 0u, 0u", "its clock"),
        ("NK_CHANGE, 0x40023818u, 0x00000002u, 0x00000000u", "NK_PAUSE, 0u, 0u, 0u", "in reset"),
        ("NK_AWAIT", "NK_PAUSE", "while busy"),
        ("NK_CHANGE, 0xA000100Cu", "NK_CHANGE, 0xA0001030u", "TCF"),
        ("0x01000011u", "0x01000010u", "QUADSPI is off"),
    ],
)
def test_the_model_sees_broken_rules(old: str, new: str, rule: str, tmp_path: Path) -> None:
    target = find_target("stm32f746g_disco")
    text = board_config(target)
    assert old in text
    model = Model(target.name)
    start_up(target, model, tmp_path, text.replace(old, new))
    assert any(rule in broken for broken in model.broken)


@pytest.mark.parametrize("board", PARTS)
def test_time_passes_after_each_reset(board: str) -> None:
    """MX25R6435F is deaf for 35 us after a reset; the fastest core is a Cortex-M7 of 480 MHz."""
    found, external = next(b for b in load_boards() if b.name == board), find_target(board).external
    assert found.quadspi and found.gpio and external
    steps = list(quadspi_steps(found.quadspi, found.gpio, external.size_bytes))
    pauses = [step for step in steps if step.kind == "NK_PAUSE"]
    assert len(pauses) == 2 and all(step.value * 3 / 480e6 >= 35e-6 for step in pauses)
    ccr = found.quadspi.base + CCR
    for before, after in itertools.pairwise(
        step for step in steps if step.kind == "NK_PAUSE" or step.address == ccr
    ):
        assert before.value & 0xFF != 0x99 or after.kind == "NK_PAUSE"
