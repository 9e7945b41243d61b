# SPDX-License-Identifier: Apache-2.0
"""Writes a compiled model as a self-contained directory: generated C and the runtime it needs."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from netsuke.compiler.errors import InputError, ToolError

MARKER = "report.json"
"""The file by which a directory that netsuke wrote is recognised."""


def runtime_files(kernel_sources: tuple[str, ...]) -> dict[str, str]:
    """The runtime's headers and these kernels, by path below `runtime/`."""
    root = files("netsuke.runtime_c")
    found = {
        f"runtime/netsuke/{header.name}": header.read_text()
        for header in _headers(root.joinpath("include", "netsuke"))
    }
    found.update(
        {f"runtime/{s}": root.joinpath("src", s).read_text() for s in sorted(kernel_sources)}
    )
    return found


def _headers(directory: Traversable) -> list[Traversable]:
    found = (entry for entry in directory.iterdir() if entry.name.endswith(".h"))
    return sorted(found, key=lambda entry: entry.name)


def check_directory(directory: Path) -> None:
    """Raises where `directory` cannot be made or holds anything that netsuke did not write. Makes
    nothing, for a compilation may still be refused."""
    try:
        found = next(p for p in (directory, *directory.absolute().parents) if p.exists())
        others = found == directory and any(directory.iterdir()) and not _is_ours(directory)
    except OSError as error:
        raise InputError(str(directory), error.strerror or str(error), "a directory") from None
    if others:
        raise InputError(
            str(directory),
            "a directory with other files",
            "a new or empty directory, or one that netsuke wrote",
            "choose another with -o",
        )
    if not os.access(found, os.W_OK | os.X_OK) or not found.is_dir():
        got = "no permission to write" if found.is_dir() else "a file"
        raise InputError(str(found), got, "a directory")


def fill_directory(directory: Path, contents: Mapping[str, str | bytes]) -> None:
    """Makes `directory` hold these files, by path below it: all of them, or none where one cannot
    be written. MARKER is among them and comes last.

    Files that the marker of an earlier compilation lists and this one lacks are removed; any others
    stay.
    """
    old = _files_of(directory)
    try:
        make_directory(directory)
        with temporary_directory(directory) as staged:
            _write_staged(directory, staged, contents)
            for name in sorted(contents, key=lambda name: name == MARKER):
                (staged / name).replace(directory / name)
    finally:
        with contextlib.suppress(OSError):  # gone if it is empty, for then nothing was written
            directory.rmdir()
    for name in sorted(old - contents.keys()):
        (directory / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (directory / name).parent.rmdir()


def _write_staged(directory: Path, staged: Path, contents: Mapping[str, str | bytes]) -> None:
    """Writes all files to `staged` and sees that each may take its place below `directory`."""
    try:
        write_files(staged, contents)
    except InputError as error:
        raise InputError(str(directory), error.got, "room for its files") from None
    for path in (directory / name for name in contents):
        make_directory(path.parent)
        if path.is_dir():
            raise InputError(str(path), "Is a directory", "a file to write")


def _files_of(directory: Path) -> frozenset[str]:
    """The files that the marker in `directory` lists and that are below it."""
    if not _is_ours(directory):
        return frozenset()
    names = json.loads((directory / MARKER).read_text(encoding="utf-8")).get("files")
    paths = [directory / str(name) for name in names] if isinstance(names, list) else []
    root = directory.resolve()
    return frozenset(
        path.relative_to(directory).as_posix() for path in paths if root in path.resolve().parents
    )


@contextlib.contextmanager
def temporary_directory(within: Path | None = None) -> Iterator[Path]:
    """A directory that is gone afterwards. ToolError where none can be made."""
    try:
        made = tempfile.TemporaryDirectory(prefix=".netsuke-" if within else "netsuke-", dir=within)
    except OSError as error:
        where = str(within or "temporary files")
        hint = "" if within else "TMPDIR names another place"
        raise ToolError(where, error.strerror or str(error), "a directory to write", hint) from None
    with made as name:
        yield Path(name)


def _is_ours(directory: Path) -> bool:
    """Whether the report in `directory` is one of ours."""
    try:
        report = json.loads((directory / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(report, dict) and {"model", "target", "ram", "layers"} <= report.keys()


def make_directory(directory: Path) -> None:
    """Makes `directory` and those above it where they are missing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(directory), error.strerror or str(error), "a directory") from None


def read_text(path: Path) -> str:
    """The text of one file that the user named."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a readable file") from None
    except UnicodeDecodeError:
        raise InputError(str(path), "bytes that are not UTF-8", "a text file") from None


def write_text(path: Path, text: str) -> None:
    """Writes one file where the user wants it, with Unix line ends on every machine."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a file to write") from None


def write_bytes(path: Path, content: bytes) -> None:
    """Writes one file where the user wants it; an ELF file may be run, as linkers leave it."""
    try:
        path.write_bytes(content)
        if content.startswith(b"\x7fELF"):
            path.chmod(path.stat().st_mode | 0o111)
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a file to write") from None


def write_files(directory: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Writes every file below `directory`; returns their paths in order."""
    paths = []
    for name, content in contents.items():
        path = directory / name
        make_directory(path.parent)
        if isinstance(content, str):
            write_text(path, content)
        else:
            write_bytes(path, content)
        paths.append(path)
    return paths
