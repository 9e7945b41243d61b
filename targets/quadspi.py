# SPDX-License-Identifier: Apache-2.0
"""Start-up of a serial flash on QUADSPI: after it, the flash is memory at its address.

Registers and modes: RM0385 section 14 (STM32F7), RM0399 section 24 (STM32H7), RM0351 section 17
(STM32L4), chapter "Quad-SPI interface"; the controller is the same in all. Nothing here lasts:
no register of the flash that outlives its power is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from netsuke.targets.board import Gpio, Quadspi
from netsuke.targets.registers import Step, pause, pin_steps, set_bits, wait_until, write

_CR, _DCR, _SR, _FCR, _CCR = 0x00, 0x04, 0x08, 0x0C, 0x14
_CR_ON, _CR_LATER_SAMPLE, _CR_TWO_CHIPS = 1 << 0, 1 << 4, 1 << 6
_DONE = 1 << 1  # SR TCF and FCR CTCF
_MEMORY_MAPPED = 3 << 26  # CCR FMODE; 0 is "indirect write", which a bare instruction is
# CCR IMODE, ADMODE and DMODE: on how many lines.
_LINES = {1: 1, 2: 2, 4: 3}

# Chips want 50 ns between commands (N25Q128A, MT25QL512: tSHSL2): 6 cycles of 108 MHz.
_HIGH_CYCLES = 6
# Each data sheet, "Software reset": it has to be enabled first.
_RESET_ENABLE, _RESET = 0x66, 0x99
# 35 us (MX25R6435F: tREADY2) at 480 MHz, of three cycles or more each.
_RESET_ROUNDS = 8000


def prescaler(quadspi: Quadspi) -> int:
    """Return by what the controller's clock is divided, so that no chip is run too fast."""
    return -(-quadspi.clock_hz // quadspi.chip_hz)


def quadspi_steps(quadspi: Quadspi, gpio: Gpio, size_bytes: int) -> Iterator[Step]:
    """Map `size_bytes`, a power of 2, of serial flash: all of its chips together."""
    yield set_bits(quadspi.enable[0], 1 << quadspi.enable[1], "clock of QUADSPI")
    for pin in quadspi.pins:
        yield from pin_steps(pin, gpio, "QUADSPI", fast=True)
    register, bit = quadspi.reset
    yield set_bits(register, 1 << bit, "reset of QUADSPI: a debugger may have left it busy")
    yield Step("NK_CHANGE", register, 1 << bit, 0, "and its end")
    device = (size_bytes.bit_length() - 2) << 16 | (_HIGH_CYCLES - 1) << 8
    yield write(quadspi.base + _DCR, device, f"{size_bytes >> 20} MiB of {quadspi.chip}")
    divider = prescaler(quadspi)
    control = (divider - 1) << 24 | _CR_LATER_SAMPLE | _CR_ON
    control |= _CR_TWO_CHIPS if quadspi.chips == 2 else 0
    yield write(quadspi.base + _CR, control, f"on, clock / {divider}")
    for lines in (4, 1):  # a debugger may have left it listening on four lines
        for instruction in (_RESET_ENABLE, _RESET):
            yield from _command(quadspi, instruction, lines)
        yield pause(_RESET_ROUNDS, "the flash resets")
    yield write(quadspi.base + _CCR, _reading(quadspi), "reads become instructions to the flash")


def _command(quadspi: Quadspi, instruction: int, lines: int) -> Iterator[Step]:
    why = f"instruction 0x{instruction:02X} on {lines} line{'s' if lines > 1 else ''}"
    yield write(quadspi.base + _CCR, _LINES[lines] << 8 | instruction, why)
    yield wait_until(quadspi.base + _SR, _DONE, _DONE, "sent")
    yield write(quadspi.base + _FCR, _DONE, "seen")


def _reading(quadspi: Quadspi) -> int:
    read = quadspi.read
    phases = _LINES[1] << 8 | _LINES[1] << 10 | _LINES[read.lines] << 24
    size = (read.address_bytes - 1) << 12 | read.dummy_cycles << 18
    return _MEMORY_MAPPED | phases | size | read.instruction
