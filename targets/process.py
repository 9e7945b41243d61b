# SPDX-License-Identifier: Apache-2.0
"""A program that stands at the other end of a pseudo-terminal, as a board does at a cable's."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import tty
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from netsuke.compiler.errors import ToolError

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class BoardProcess:
    """A running program; `port` is the path of the serial port that leads to it."""

    name: str
    port: str
    child: subprocess.Popen[bytes]
    errors: IO[bytes]

    def check_alive(self, wait_s: float = 0) -> None:
        """Raise ToolError, with what it said first, when the program ends within `wait_s`."""
        try:
            status = self.child.wait(wait_s)
        except subprocess.TimeoutExpired:
            return
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in lines if line.strip()), "nothing")
        ended = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        raise ToolError(f"{self.name} ended with {ended}, it said: {said}")


@contextlib.contextmanager
def board_process(name: str, command: Sequence[str | Path]) -> Iterator[BoardProcess]:
    """Run `command` with its standard input and output on a new pseudo-terminal.

    The program is killed at the end of the context, and when this process dies.
    """
    try:
        board_side, host_side = os.openpty()
    except OSError as error:
        got = error.strerror or str(error)
        hint = "in a container or chroot, mount /dev/pts"
        raise ToolError("pseudo-terminal", got, "a new one", hint) from None
    tty.setraw(host_side)
    with tempfile.TemporaryFile() as errors:
        try:
            child = subprocess.Popen(
                list(map(str, command)),
                stdin=board_side,
                stdout=board_side,
                stderr=errors,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
            os.close(board_side)
            try:
                yield BoardProcess(name, os.ttyname(host_side), child, errors)
            finally:
                child.kill()
                child.wait()
        finally:
            os.close(host_side)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
