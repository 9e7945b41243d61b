# SPDX-License-Identifier: Apache-2.0
"""Runs a board's start-up, the C that firmware has, against a model of its registers."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, Protocol

from netsuke.targets.firmware import RUNTIME_C
from netsuke.targets.port_config import board_config
from netsuke.targets.target import Target
from netsuke.targets.toolchain import must_run
from tests.targets.conftest import FOLDER

_READER = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)
_WRITER = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32)


class Registers(Protocol):
    """What the start-up sees of a part. What breaks a rule is noted in `broken`."""

    broken: list[str]

    def read(self, address: int) -> int:
        """Return a register's value."""

    def write(self, address: int, value: int) -> None:
        """Change a register."""


class ClockPlan(ctypes.Structure):
    """nk_clock_plan of clock.h."""

    _fields_ = (
        ("first", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
        ("core_hz", ctypes.c_uint32),
        ("usart_divider", ctypes.c_uint32),
    )


def start_up(target: Target, registers: Registers, folder: Path, config: str | None = None) -> int:
    """Start `target` and return how many waits were given up.

    `config` is the text of board_config.h where it is not the board's own. Exceptions of the model
    end up in `broken`: ctypes cannot carry them through C.
    """
    library = _library(target, folder, config or board_config(target))
    return int(library.start_up(*_functions(registers)))


def clock_up(target: Target, registers: Registers, folder: Path) -> tuple[int, int]:
    """Clock `target`; return what its firmware then takes for the core's clock, and the divider of
    its serial line."""
    library = _library(target, folder, board_config(target))
    library.clock_up.restype = ctypes.POINTER(ClockPlan)
    plan = library.clock_up(*_functions(registers)).contents
    return int(plan.core_hz), int(plan.usart_divider)


def _library(target: Target, folder: Path, config: str) -> ctypes.CDLL:
    (folder / "board_config.h").write_text(config)
    library = folder / f"start_{target.name}.so"
    port = RUNTIME_C / "port/stm32"
    sources = [FOLDER / "steps_host.c", port / "registers.c", port / "clock.c"]
    flags = ["-std=c99", "-O1", "-shared", "-fPIC", f"-I{folder}", f"-I{port}"]
    must_run("gcc", [*flags, *sources, "-o", library])
    return ctypes.CDLL(str(library))


def _functions(registers: Registers) -> tuple[Any, Any]:
    def read(address: int) -> int:
        try:
            return registers.read(address)
        except Exception as error:
            registers.broken.append(repr(error))
            return 0

    def write(address: int, value: int) -> None:
        try:
            registers.write(address, value)
        except Exception as error:
            registers.broken.append(repr(error))

    return _READER(read), _WRITER(write)
