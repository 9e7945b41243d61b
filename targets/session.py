# SPDX-License-Identifier: Apache-2.0
"""A model's firmware, running somewhere, ready to be asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from netsuke.compiler.errors import InputError
from netsuke.targets.agent import AgentClient
from netsuke.targets.emulator import emulate
from netsuke.targets.fault import BoardFault
from netsuke.targets.firmware import Firmware
from netsuke.targets.link import Link, open_stream
from netsuke.targets.process import BoardProcess, board_process
from netsuke.targets.target import Target
from netsuke.targets.toolchain import source_line

_EMULATED_INVOKE_S = 600.0  # large nets run for minutes in an emulator on a busy machine
_BOARD_INVOKE_S = 120.0


@contextlib.contextmanager
def session(target: Target, firmware: Firmware | None, port: str | None) -> Iterator[AgentClient]:
    """Yield a client of `firmware`: of the board at `port` (a URL of pyserial), else emulated.

    At a port, `firmware` only serves to name the place of a crash and may be None: the board runs
    what was flashed. Raises ToolError for a board or a tool that fails, BoardFault for a crash.
    """
    with contextlib.ExitStack() as stack:
        process = None if port else stack.enter_context(_process(target, firmware))
        url = port or (process.port if process else "")
        link = Link(open_stream(url), port or target.name, process.check_alive if process else _ok)
        stack.callback(link.close)
        timeout_s = _BOARD_INVOKE_S if port else _EMULATED_INVOKE_S
        try:
            yield AgentClient(link, timeout_s)
        except BoardFault as crash:
            if firmware is None or not crash.fault.has_pc:
                raise
            place = source_line(firmware.elf, crash.fault.pc)
            raise BoardFault(crash.port, crash.fault, place) from crash


def _ok(_: float) -> None:
    """A board has no process to look at."""


def _process(
    target: Target, firmware: Firmware | None
) -> contextlib.AbstractContextManager[BoardProcess]:
    if firmware is None:
        raise InputError(target.name, "neither firmware nor port", "one of them")
    if target.kind == "host":
        return board_process("host firmware", [firmware.elf])
    if not target.machine:
        raise InputError(
            target.name,
            "no emulated machine",
            "a port, or firmware for its stand-in",
            "connect the board and give --port",
        )
    return emulate(target.machine, firmware.elf)
