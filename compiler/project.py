# SPDX-License-Identifier: Apache-2.0
"""Writes a compiled model as a self-contained directory: generated C and the runtime it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from netsuke.compiler.errors import InputError

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


def claim_directory(directory: Path) -> None:
    """Makes `directory`, or raises when it holds anything that netsuke did not write."""
    if directory.is_dir() and any(directory.iterdir()) and not _is_ours(directory):
        raise InputError(
            str(directory),
            "a directory with other files",
            "a new or empty directory, or one that netsuke wrote",
            "choose another with -o",
        )
    make_directory(directory)


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
    """Writes one file where the user wants it."""
    try:
        path.write_bytes(content)
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
