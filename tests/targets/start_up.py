# SPDX-License-Identifier: Apache-2.0
"""Runs a board's start-up, the C that firmware has, against a model of its registers."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Protocol

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


def start_up(target: Target, registers: Registers, folder: Path, config: str | None = None) -> int:
    """Start `target` and return how many waits were given up.

    `config` is the text of board_config.h where it is not the board's own. Exceptions of the model
    end up in `broken`: ctypes cannot carry them through C.
    """
    (folder / "board_config.h").write_text(config or board_config(target))
    library = folder / f"start_{target.name}.so"
    port = RUNTIME_C / "port/stm32"
    sources = [FOLDER / "steps_host.c", port / "registers.c"]
    flags = ["-std=c99", "-O1", "-shared", "-fPIC", f"-I{folder}", f"-I{port}"]
    must_run("gcc", [*flags, *sources, "-o", library])

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

    return int(ctypes.CDLL(str(library)).start_up(_READER(read), _WRITER(write)))
