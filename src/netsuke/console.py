# SPDX-License-Identifier: Apache-2.0
"""How commands speak: progress and errors on standard error, one JSON object on standard output."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import click

from netsuke.compiler.errors import ModelErrors, NetsukeError, ToolError

P = ParamSpec("P")
Command = Callable[P, None]


def progress(message: str) -> None:
    """One line of progress on standard error."""
    click.echo(f"netsuke: {message}", err=True)


def quiet(message: str) -> None:
    """No progress: standard error stays for errors."""


def report_errors(command: Command[P]) -> Command[P]:
    """Ends a command that raised one of our errors with its line and its exit status."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ModelErrors as error:
            for problem in error.problems:
                click.echo(f"netsuke: {error.where}: {problem}", err=True)
            sys.exit(error.exit_status)
        except NetsukeError as error:
            click.echo(f"netsuke: {error}", err=True)
            sys.exit(error.exit_status)
        except MemoryError:
            full = ToolError("memory", "none left", hint="does the model file claim huge sizes?")
            click.echo(f"netsuke: {full}", err=True)
            sys.exit(full.exit_status)
        except BrokenPipeError:  # whoever read standard output, `head` perhaps, has enough
            _drop_output()
            sys.exit(128 + signal.SIGPIPE)
        except OSError as error:  # a full disk behind standard output, say
            where, got = error.filename or "input or output", error.strerror or str(error)
            click.echo(f"netsuke: {ToolError(str(where), got)}", err=True)
            _drop_output()
            sys.exit(ToolError.exit_status)

    return run


def _drop_output() -> None:
    """Python flushes standard output once more at its end, and would fail again."""
    with contextlib.suppress(OSError):  # a stand-in for standard output has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def examples(*lines: str) -> str:
    """The end of a command's help: how it is called, not wrapped."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


class Program(click.Group):
    """A group of commands whose wrong use is one line, and whose end says what ended it: a signal
    by 128 and its number, as shells have it. On SIGTERM, too, what is temporary is cleaned up."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's, which has several lines for wrong use and status 1 for all other ends."""
        if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal lacks letters for
            sys.stdout.reconfigure(errors="replace")
        try:
            with _signals_as_exits(signal.SIGTERM, signal.SIGHUP):
                kwargs["standalone_mode"] = False
                sys.exit(super().main(*args, **kwargs))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            click.echo(f"netsuke: {_usage(error)}", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"netsuke: {error.format_message()}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("netsuke: interrupted", err=True)
            sys.exit(128 + signal.SIGINT)


def _usage(error: click.UsageError) -> str:
    """Click's sentence, with the command before it and where to read on behind it."""
    command = error.ctx.command_path if error.ctx else "netsuke"
    where = "".join(f"{word}: " for word in command.split()[1:])
    said = " ".join(error.format_message().split()).rstrip(".")
    return f"{where}{said} (hint: {command} --help)"


@contextlib.contextmanager
def _signals_as_exits(*signals: signal.Signals) -> Iterator[None]:
    """Signals that end the program unwind it first. Only the main thread may set handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    old = {number: signal.signal(number, _exit) for number in signals}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _exit(number: int, frame: object) -> None:
    sys.exit(128 + number)


def emit(value: dict[str, Any]) -> None:
    """The one JSON object on standard output."""
    click.echo(json.dumps(value, indent=2))
