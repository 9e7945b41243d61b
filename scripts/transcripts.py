# SPDX-License-Identifier: Apache-2.0
"""Compares what pages show of commands with what the commands print, or writes it anew.

python -m scripts.transcripts [--write] README.md ...

A transcript is an indented line that begins with `$ netsuke` and the output below it, up to an
empty line or the next `$`. Commands run in the order of the page, in a folder that holds the
files of the Fashion-MNIST example. A shown line stands for the line of the output with the same
beginning; `...` and lines left out stand for nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "firmware_examples" / "fashion_mnist"
ELSEWHERE = ("/dev/", "mcuformer", "$MODEL", "vit_", "t10k")
"""Of commands that want a board, minutes or what is not in the folder."""


def updated(page: str) -> str:
    """The page with its transcripts as the commands print them. ValueError for a line that has
    no counterpart."""
    with tempfile.TemporaryDirectory(prefix="netsuke-") as name:
        for file in ("fashion_mnist.tflite", "ankle_boot.npy", "labels.txt"):
            shutil.copy(EXAMPLE / file, name)
        return "\n".join(_lines(page.split("\n"), Path(name)))


def _lines(page: list[str], folder: Path) -> Iterator[str]:
    printed: list[str] | None = None
    for line in page:
        command = re.match(r"    \$ (netsuke .*)", line)
        if command:
            ours = not any(word in line for word in ELSEWHERE)
            printed = _output(command[1], folder) if ours else None
        elif not line.startswith("    "):
            printed = None
        elif printed is not None and line.strip() != "...":
            wanted = _beginning(line)
            found = next((i for i, text in enumerate(printed) if _beginning(text) == wanted), None)
            if found is None:
                raise ValueError(f"no such line is printed: {line.strip()}")
            yield f"    {printed[found]}"
            printed = printed[found + 1 :]
            continue
        yield line


def _output(command: str, folder: Path) -> list[str]:
    """The lines of a command's standard output."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": tools, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise ValueError(f"{command}: status {done.returncode}: {done.stderr.strip()}")
    return [line.rstrip() for line in done.stdout.split("\n")]


def _beginning(line: str) -> tuple[str, ...]:
    """Its first words up to a figure, of two words at most; one figure may come first."""
    first, *others = line.split()[:2] or [""]
    return (first, *(word for word in others if not word[0].isdigit()))


def main(arguments: list[str]) -> int:
    """Exit status 1 where a page is not as the commands print."""
    write, status = "--write" in arguments, 0
    for path in (Path(a) for a in arguments if a != "--write"):
        text = path.read_text(encoding="utf-8")
        new = updated(text)
        if new != text and write:
            path.write_text(new, encoding="utf-8")
        elif new != text:
            status = 1
            pairs = zip(text.split("\n"), new.split("\n"), strict=True)
            for number, (old, now) in enumerate(pairs, 1):
                if old != now:
                    sys.stdout.write(f"{path}:{number}: {old.strip()}\n  is {now.strip()}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
