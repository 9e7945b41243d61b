# SPDX-License-Identifier: Apache-2.0
"""Boards: what a part is wired to, one TOML file each in boards/, citing its manual."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netsuke.targets.device import Memory

_BOARDS = Path(__file__).parent / "boards"


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin such as 'PA9' and the number of its alternate function."""

    name: str
    function: int

    @property
    def port(self) -> int:
        """0 for port A, 1 for port B, ..."""
        return ord(self.name[1]) - ord("A")

    @property
    def number(self) -> int:
        """Number of the pin within its port."""
        return int(self.name[2:])


@dataclass(frozen=True, slots=True)
class Serial:
    """The USART towards the host.

    `layout` is 'v1' (STM32F1, F2, F4, L1) or 'v2' (all later families), the two register maps ST
    made. `interrupt` is its number in the NVIC, `bus` ('apb1' or 'apb2') the bus whose clock feeds
    it, `clock_enables` are (register address, bit).
    """

    name: str
    base: int
    layout: str
    interrupt: int
    bus: str
    clock_enables: tuple[tuple[int, int], ...]
    tx: Pin
    rx: Pin
    divider_scale: int = 1
    baud: int = 115200


@dataclass(frozen=True, slots=True)
class Clock:
    """What can clock the part: `source` is 'crystal', 'bypass' (a clock signal instead), or
    'internal' where the board has neither; `hz` is theirs.

    `supply` says which regulator an STM32H7 is wired to, 'ldo' or 'smps'. `boost` allows speeds
    that not every revision of the part reaches.
    """

    source: str = "internal"
    hz: int = 0
    supply: str = ""
    boost: bool = False

    @property
    def external(self) -> bool:
        """Whether the board brings a clock of its own."""
        return self.source != "internal"


@dataclass(frozen=True, slots=True)
class Gpio:
    """Address of port A (the others follow every 0x400 bytes) and of its clock enable register, in
    which port A's bit is number `enable_shift`. `layout` is 'f1' for the STM32F1's registers."""

    base: int
    enable_register: int
    enable_shift: int = 0
    layout: str = "v2"


@dataclass(frozen=True, slots=True)
class Read:
    """How a serial flash is read: the instruction, on one line, then `address_bytes` of address,
    also on one, `dummy_cycles`, and data on `lines`."""

    instruction: int
    address_bytes: int
    dummy_cycles: int
    lines: int


@dataclass(frozen=True, slots=True)
class Quadspi:
    """Serial flash on the part's QUADSPI, mapped to addresses at start.

    `clock_hz` is the fastest clock that may feed the controller, `chip_hz` the fastest one of the
    `chips` (two have their bytes interleaved); `enable` and `reset` are (register address, bit).
    `openocd` names the file that tells openocd of board and flash.
    """

    base: int
    enable: tuple[int, int]
    reset: tuple[int, int]
    clock_hz: int
    chip: str
    chips: int
    chip_hz: int
    read: Read
    pins: tuple[Pin, ...]
    openocd: str


@dataclass(frozen=True, slots=True)
class InstructionCounter:
    """The emulator's timer of instructions: its count register, and the writes that start it."""

    register: int
    setup: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Emulated:
    """The peripherals of an Arm FPGA image. `counter` is 'cmsdk' or 'sse'."""

    uart_base: int
    uart_interrupt: int
    counter: str
    counter_base: int
    milliunits_per_tick: int
    counter_control: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """One board file. It has a `part`, or a `core` and memories of its own (an FPGA image).

    `usb` are the ids, as 'vendor:product' in hex, of the probe whose port leads to `serial`.

    `reset_hz` is what clocks a part after reset that targets/clocks does not know.
    """

    name: str
    title: str
    manual: str
    part: str = ""
    core: str = ""
    fpu: str = ""
    machine: str = ""
    probe: str = ""
    usb: tuple[str, ...] = ()
    clock: Clock = Clock()
    reset_hz: int = 0
    memories: tuple[Memory, ...] = ()
    serial: Serial | None = None
    gpio: Gpio | None = None
    quadspi: Quadspi | None = None
    instruction_counter: InstructionCounter | None = None
    emulated: Emulated | None = None


@functools.cache
def load_boards() -> tuple[Board, ...]:
    """Return every board of boards/, sorted by name."""
    boards = (_board(tomllib.loads(path.read_text())) for path in _BOARDS.glob("*.toml"))
    return tuple(sorted(boards, key=lambda board: board.name))


def _board(data: dict[str, Any]) -> Board:
    memories = tuple(Memory(**fields) for fields in data.pop("memory", ()))
    clock = Clock(**data.pop("clock", {}))
    serial = data.pop("serial", None)
    gpio = data.pop("gpio", None)
    quadspi = data.pop("quadspi", None)
    counter = data.pop("instruction_counter", None)
    emulated = data.pop("emulated", None)
    usb = tuple(data.pop("usb", ()))
    return Board(
        **data,
        usb=usb,
        clock=clock,
        memories=memories,
        serial=_serial(serial) if serial else None,
        gpio=Gpio(**gpio) if gpio else None,
        quadspi=_quadspi(quadspi) if quadspi else None,
        instruction_counter=_counter(counter) if counter else None,
        emulated=Emulated(**emulated) if emulated else None,
    )


def _serial(data: dict[str, Any]) -> Serial:
    enables = tuple((register, bit) for register, bit in data.pop("clock_enables"))
    tx, rx = Pin(**_pin(data.pop("tx"))), Pin(**_pin(data.pop("rx")))
    return Serial(**data, clock_enables=enables, tx=tx, rx=rx)


def _quadspi(data: dict[str, Any]) -> Quadspi:
    enable, reset = ((register, bit) for register, bit in (data.pop("enable"), data.pop("reset")))
    read = Read(**data.pop("read"))
    pins = tuple(Pin(**_pin(pin)) for pin in data.pop("pins"))
    return Quadspi(**data, enable=enable, reset=reset, read=read, pins=pins)


def _pin(data: dict[str, Any]) -> dict[str, Any]:
    return {"name": data["pin"], "function": data["function"]}


def _counter(data: dict[str, Any]) -> InstructionCounter:
    setup = tuple((register, value) for register, value in data["setup"])
    return InstructionCounter(data["register"], setup)
