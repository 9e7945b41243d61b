# SPDX-License-Identifier: Apache-2.0
"""The board agent's port for a target: which C files, and the header of its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netsuke.compiler.errors import InputError
from netsuke.targets.board import Board, Emulated, Gpio, InstructionCounter, Serial
from netsuke.targets.clocks.plan import Plan
from netsuke.targets.clocks.plans import clock_plans
from netsuke.targets.mpu import mpu_regions
from netsuke.targets.quadspi import quadspi_steps
from netsuke.targets.registers import Step, f1_output_steps, pin_steps, set_bits
from netsuke.targets.target import Target
from netsuke.targets.template import render

_ARMV8M = ("cortex-m33", "cortex-m55")

# RM0090 section 30.6 (v1), RM0385 section 31.8 (v2): offsets of the USART's registers, and the
# bits of CR1 that enable USART, transmitter, receiver and the interrupt of a received byte.
_USARTS = {
    "v1": {"status": 0x00, "receive": 0x04, "send": 0x04, "brr": 0x08, "cr1": 0x0C, "on": 0x202C},
    "v2": {"status": 0x1C, "receive": 0x24, "send": 0x28, "brr": 0x0C, "cr1": 0x00, "on": 0x002D},
}
_CR3_V2, _OVERRUN_OFF = 0x08, 0x1000  # RM0385 section 31.8.3: CR3, OVRDIS


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One way to clock the part: its steps by their numbers in the table of all, and the divider
    of the serial line's clock."""

    plan: Plan
    first: int
    end: int
    divider: int


@dataclass(frozen=True, slots=True)
class Define:
    """One line of the header."""

    name: str
    value: str


def port_sources(target: Target) -> tuple[str, ...]:
    """Return the C files of the port, relative to runtime_c/port."""
    if target.kind == "host":
        return ("host/host.c",)
    board = _board_of(target)
    guard = "limit" if target.core in _ARMV8M else "mpu"
    memory = "m7" if target.core == "cortex-m7" else "flat"
    arm = ("arm/startup.c", "arm/interrupt.c", f"arm/guard_{guard}.c", f"arm/memory_{memory}.c")
    if board.emulated:
        counter = f"emulator/counter_{board.emulated.counter}.c"
        return (*arm, "emulator/uart_cmsdk.c", counter)
    stm32 = ("usart", "counter_dwt", "clock", "registers", "register_access")
    return (*arm, *(f"stm32/{name}.c" for name in stm32))


def board_config(target: Target) -> str:
    """Return the text of board_config.h for `target`, which is not the host."""
    board = _board_of(target)
    if board.emulated:
        defines = _emulated_defines(board.emulated)
        steps: tuple[Step, ...] = ()
        clocks: tuple[Plan, ...] = ()
    elif board.serial and board.gpio:
        defines = _stm32_defines(board.serial, board.instruction_counter)
        steps = tuple(_stm32_steps(board.serial, board.gpio, board.instruction_counter))
        clocks = clock_plans(board.part, board.clock, board.reset_hz)
        if board.quadspi and target.external:
            steps += tuple(quadspi_steps(board.quadspi, board.gpio, target.external.size_bytes))
    else:
        raise InputError(board.name, "no serial line", "[serial] and [gpio] in the board file")
    return render(
        "board_config.h.j2",
        title=board.title,
        manual=board.manual,
        defines=defines,
        steps=steps,
        clocks=tuple(_clock_rows(clocks, board.serial)),
        regions=mpu_regions(target.external) if target.core == "cortex-m7" else (),
    )


def _board_of(target: Target) -> Board:
    if target.board is None:
        raise InputError(
            target.name,
            "a part whose serial line is not known",
            "a board, or a part of a family that targets/part_board.py describes",
            f"build for its stand-in or write targets/boards/{target.name}_<board>.toml",
        )
    return target.board


def _hex(value: int) -> str:
    return f"0x{value:08X}u"


def _emulated_defines(emulated: Emulated) -> tuple[Define, ...]:
    return (
        Define("NK_UART_BASE", _hex(emulated.uart_base)),
        Define("NK_UART_INTERRUPT", f"{emulated.uart_interrupt}u"),
        Define("NK_COUNTER_BASE", _hex(emulated.counter_base)),
        Define("NK_COUNTER_CONTROL", _hex(emulated.counter_control)),
        Define("NK_COUNTER_MILLIUNITS_PER_TICK", f"{emulated.milliunits_per_tick}u"),
    )


def _stm32_defines(serial: Serial, counter: InstructionCounter | None) -> tuple[Define, ...]:
    usart = _USARTS[serial.layout]
    return (
        Define("NK_USART_STATUS", _hex(serial.base + usart["status"])),
        Define("NK_USART_RECEIVE", _hex(serial.base + usart["receive"])),
        Define("NK_USART_SEND", _hex(serial.base + usart["send"])),
        Define("NK_USART_DIVIDER", _hex(serial.base + usart["brr"])),
        Define("NK_USART_CONTROL", _hex(serial.base + usart["cr1"])),
        Define("NK_USART_ON", _hex(usart["on"])),
        Define("NK_USART_INTERRUPT", f"{serial.interrupt}u"),
        Define("NK_EMULATED_COUNTER", _hex(counter.register if counter else 0)),
    )


def _stm32_steps(serial: Serial, gpio: Gpio, counter: InstructionCounter | None) -> Iterator[Step]:
    for register, bit in serial.clock_enables:
        yield set_bits(register, 1 << bit, f"clock or power of {serial.name}")
    if gpio.layout == "f1":
        yield from f1_output_steps(serial.tx, gpio, serial.name)
    else:
        for pin in (serial.tx, serial.rx):
            yield from pin_steps(pin, gpio, serial.name)
    if serial.layout == "v2":
        yield set_bits(serial.base + _CR3_V2, _OVERRUN_OFF, "go on after an overrun")
    for register, value in counter.setup if counter else ():
        yield set_bits(register, value, "counter of the emulator")


def _clock_rows(plans: tuple[Plan, ...], serial: Serial | None) -> Iterator[ClockRow]:
    first = 0
    for plan in plans:
        assert serial is not None
        end = first + len(plan.steps)
        yield ClockRow(plan, first, end, divider(serial, plan))
        first = end


def divider(serial: Serial, plan: Plan) -> int:
    """Return what divides the clock of the serial line's bus to its baud rate."""
    bus_hz = plan.apb1_hz if serial.bus == "apb1" else plan.apb2_hz
    return round(serial.divider_scale * bus_hz / serial.baud)
