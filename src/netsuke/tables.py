# SPDX-License-Identifier: Apache-2.0
"""Tables for a terminal, nothing of them cut off and no text of them read as markup."""

from __future__ import annotations

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

_ENDLESS = 1000
"""Columns; wider than any table here."""


def new_table(*columns: str, left: int = 1) -> Table:
    """A plain table; the first `left` columns hold text, the others numbers."""
    table = Table(box=None, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < left else "right", no_wrap=True)
    return table


def print_table(table: Table) -> None:
    """Prints a table with whole words and numbers, even where it is wider than the terminal.

    Names come from model files and the file system: `[/]` and `:smile:` in them stay as they are.
    """
    endless = _console(_ENDLESS)
    wanted = Measurement.get(endless, endless.options, table).maximum
    _console(max(_console(None).width, wanted)).print(table)


def _console(width: int | None) -> Console:
    return Console(highlight=False, markup=False, emoji=False, width=width)
