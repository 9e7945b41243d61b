# SPDX-License-Identifier: Apache-2.0
"""The command that says how well problems are solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.memory_planner.__main__ import main


def test_files_are_compared_with_the_known_height(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "id,lower,upper,size\n0,0,2,30\n1,1,3,20\n2,2,4,30\n"
    for known in (50, 40):  # buffers 0 and 1 meet, and 1 and 2: no placement is below 50
        (tmp_path / f"x.{known}.csv").write_text(rows)
    main([str(tmp_path / "x.50.csv"), str(tmp_path / "x.40.csv")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("x.50: height 50, bound 50, known 50")
    assert lines[2] == "1 of 2 reach the known height (50 %)"
