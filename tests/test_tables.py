# SPDX-License-Identifier: Apache-2.0
"""Tables in a terminal."""

from __future__ import annotations

import pytest

from netsuke.tables import new_table, print_table


def test_names_are_whole_and_no_markup(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    table = new_table("[/]", "a column")
    table.add_row("[red]:smile:[/red]" * 10, "1")
    print_table(table)
    head, row = capsys.readouterr().out.splitlines()
    assert head.split(maxsplit=1)[0] == "[/]"
    assert row.split() == ["[red]:smile:[/red]" * 10, "1"]
