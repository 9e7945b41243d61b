# SPDX-License-Identifier: Apache-2.0
"""Two profiles side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from netsuke.cli import main
from netsuke.compiler.comparison import compare, read_profile
from netsuke.compiler.errors import InputError


def profile(unit: str, target: str, counts: dict[str, int], arena: int) -> dict[str, Any]:
    return {
        "source": "emulator",
        "unit": unit,
        "model": {"name": "m", "sha256": "aa"},
        "target": {"name": target},
        "total": sum(counts.values()),
        "layers": [{"name": name, "count": count} for name, count in counts.items()],
        "ram": {"arena_bytes": arena, "stack_bytes": None, "total_bytes": arena + 4},
        "flash": None,
    }


A = profile("instructions", "mps2-an386", {"0 conv_2d": 400, "1 add": 100, "2 mean": 7}, 1000)
B = profile("instructions", "mps2-an500", {"0 conv_2d": 300, "1 add": 100, "3 pad": 5}, 800)


def test_layers_are_matched_by_name() -> None:
    found = compare(A, B)
    rows = {
        row["name"]: (row["a"], row["b"], row["difference"], row["ratio"])
        for row in found["layers"]
    }
    assert rows == {
        "0 conv_2d": (400, 300, -100, 0.75),
        "1 add": (100, 100, 0, 1.0),
        "2 mean": (7, None, None, None),
        "3 pad": (None, 5, None, None),
    }
    assert found["total"] == {"a": 507, "b": 405, "difference": -102, "ratio": 0.7988}
    assert found["ram"]["arena_bytes"]["ratio"] == 0.8
    assert found["ram"]["stack_bytes"]["a"] is None and found["flash"]["code_bytes"]["b"] is None


def test_units_that_differ_have_no_difference() -> None:
    found = compare(A, profile("cycles", "nucleo_f446re", {"0 conv_2d": 600}, 1000))
    assert found["total"]["difference"] is None
    assert found["layers"][0]["ratio"] == 1.5


def test_boards_of_different_clocks_have_times() -> None:
    slow = {**profile("cycles", "x", {"0 add": 1_600_000}, 9), "clock_hz": 16_000_000}
    fast = {**profile("cycles", "y", {"0 add": 1_800_000}, 9), "clock_hz": 180_000_000}
    assert compare(slow, fast)["milliseconds"] == {"a": 100.0, "b": 10.0}
    assert compare(slow, A)["milliseconds"] == {"a": 100.0, "b": None}


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_the_terminal_and_json(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a.json", A), write(tmp_path / "b.json", B)
    shown = CliRunner().invoke(main, ["compare", str(a), str(b)])
    assert shown.exit_code == 0
    for part in ("mps2-an386, instructions", "-100", "0.75", "ram: arena, bytes", "-200"):
        assert part in shown.stdout, part
    found = CliRunner().invoke(main, ["compare", str(a), str(b), "--json"])
    assert json.loads(found.stdout) == compare(A, B)


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ("{", "Expecting"),
        ("[]", "JSON that is no object"),
        (json.dumps({"ram": {}, "layers": []}), "no model, target, total, unit"),
        (json.dumps({**A, "layers": [{"name": "x"}]}), "layers without name and count"),
        (None, "No such file"),
    ],
)
def test_files_that_hold_no_profile(tmp_path: Path, content: str | None, got: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_profile(path)
    assert str(caught.value).startswith(f"{path}: got {got}")
