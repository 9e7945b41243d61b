# SPDX-License-Identifier: Apache-2.0
"""How commands speak: progress and errors on standard error, one JSON object on standard output."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any, ParamSpec

import click

from netsuke.compiler.errors import ModelErrors, NetsukeError

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

    return run


def emit(value: dict[str, Any]) -> None:
    """The one JSON object on standard output."""
    click.echo(json.dumps(value, indent=2))
