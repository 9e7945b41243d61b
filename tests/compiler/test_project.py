# SPDX-License-Identifier: Apache-2.0
"""Directories that netsuke writes hold all of a compilation or nothing of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from netsuke.compiler.errors import InputError, ToolError
from netsuke.compiler.project import (
    MARKER,
    check_directory,
    fill_directory,
    temporary_directory,
)


def files(*names: str, content: str = "new") -> dict[str, str | bytes]:
    """A compilation of these files, with the marker that lists them."""
    report = {"model": {}, "target": {}, "ram": {}, "layers": [], "files": list(names)}
    return {**dict.fromkeys(names, content), MARKER: json.dumps(report)}


def held(directory: Path) -> set[str]:
    """What is in a directory, but for its marker; directories end in a slash."""
    found = (p for p in directory.rglob("*") if p.name != MARKER)
    return {p.relative_to(directory).as_posix() + "/" * p.is_dir() for p in found}


def test_files_of_the_model_before_are_gone_and_others_stay(tmp_path: Path) -> None:
    fill_directory(tmp_path, files("a.c", "firmware/a.elf", "runtime/k.c", content="old"))
    (tmp_path / "notes.txt").write_text("mine")
    check_directory(tmp_path)
    fill_directory(tmp_path, files("b.c", "runtime/k.c"))
    assert held(tmp_path) == {"b.c", "runtime/", "runtime/k.c", "notes.txt"}
    assert (tmp_path / "runtime" / "k.c").read_text() == "new"


@pytest.mark.parametrize("names", [["../mine.c"], ["link/mine.c"], "mine.c", [3], None])
def test_a_marker_names_no_file_elsewhere(names: object, tmp_path: Path) -> None:
    (tmp_path / "mine.c").write_text("mine")
    out = tmp_path / "out"
    fill_directory(out, files("a.c"))
    (out / "link").symlink_to(tmp_path)
    report = json.loads((out / MARKER).read_text()) | {"files": names}
    (out / MARKER).write_text(json.dumps(report))
    fill_directory(out, files("b.c"))
    assert (tmp_path / "mine.c").read_text() == "mine"


def unwritable(contents: Iterable[str]) -> dict[str, str | bytes]:
    """The files, and one that no file system takes."""
    return {**files(*contents), "x" * 300: "too long a name"}


def test_where_one_file_cannot_be_written_all_is_as_before(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match="out: got File name too long, want room for its files"):
        fill_directory(out, unwritable(["a.c"]))
    assert not out.exists()
    fill_directory(out, files("a.c", content="old"))
    with pytest.raises(InputError):
        fill_directory(out, unwritable(["a.c", "b.c"]))
    assert held(out) == {"a.c"} and (out / "a.c").read_text() == "old"


def test_a_directory_is_looked_at_before_it_is_made(tmp_path: Path) -> None:
    check_directory(tmp_path / "new" / "one")
    assert held(tmp_path) == set()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: got a file, want a directory"):
        check_directory(tmp_path / "file" / "one")
    with pytest.raises(InputError, match="got a directory with other files"):
        check_directory(tmp_path)


def test_programs_may_be_run_and_only_they(tmp_path: Path) -> None:
    fill_directory(tmp_path, {**files("a.c"), "a.elf": b"\x7fELF", "a.bin": b"\0"})
    executable = {p.name for p in tmp_path.iterdir() if p.stat().st_mode & 0o100}
    assert executable == {"a.elf"}


def test_no_place_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with (
        pytest.raises(ToolError, match=r"temporary files: got No such .*TMPDIR"),
        temporary_directory(),
    ):
        pass
