# SPDX-License-Identifier: Apache-2.0
"""Which serial port leads to a board: that of its debug probe, known by its USB ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from netsuke.compiler.errors import InputError, ToolError
from netsuke.targets.target import Target, emulated

AUTO = "auto"


class Port(Protocol):
    """What pyserial's list_ports tells of a port; ids are None where it is not USB."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None


def choose_port(
    target: Target,
    asked: str | None,
    list_ports: Callable[[], Iterable[Port]],
    progress: Callable[[str], None],
) -> str | None:
    """The port to use; None is the emulator.

    `asked` is what the user said: a port, 'auto' or nothing. With nothing, a board's probe is used
    where one is connected. ToolError for 'auto' without a probe, InputError where several would do.
    """
    usb = target.board.usb if target.kind == "board" and target.board else ()
    if asked not in (None, AUTO):
        return asked
    if not usb and asked == AUTO:
        raise InputError(
            "--port auto", target.name, "a board whose probe has a serial port", "give the port"
        )
    found = [port for port in list_ports() if _id(port) in usb] if usb else []
    if len(found) > 1:
        listed = ", ".join(_describe(port) for port in found)
        raise InputError(
            target.name, f"{len(found)} probes ({listed})", "one", f"--port {found[0].device}"
        )
    if found:
        progress(f"found {target.title} at {found[0].device}")
        return found[0].device
    if asked == AUTO:
        ids = " or ".join(usb)
        raise ToolError(f"no {target.title} is connected", hint=f"looked for USB id {ids}")
    if usb:
        progress(f"no probe of {target.title} is connected: {emulated(target).title}")
    return None


def _id(port: Port) -> str:
    if port.vid is None or port.pid is None:
        return ""
    return f"{port.vid:04x}:{port.pid:04x}"


def _describe(port: Port) -> str:
    return f"{port.device} {port.serial_number}" if port.serial_number else port.device
