# SPDX-License-Identifier: Apache-2.0
"""python -m tests.bench: measures every benchmark model and prints the tables.

Exit status: 0 done, 1 a byte differs or a figure is worse than the baseline's, 2 and 3 as netsuke.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from netsuke.compiler.errors import AnswerNo, InputError, NetsukeError
from netsuke.targets.doctor import examine
from tests.bench import baseline
from tests.bench.figures import TOOLS
from tests.bench.measure import measure_all
from tests.bench.table import into_page, tables
from tests.conftest import MODELS, ROOT

_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--json", "json_file", type=_file, help="Write the figures here.")
@click.option("--baseline", "old", type=_file, help="Fail where a figure is over 1 % worse.")
@click.option("--readme", is_flag=True, help="Write the tables into README.md.")
def main(json_file: Path | None, old: Path | None, readme: bool) -> None:
    """Measure the benchmark models, which lie in the folder that NETSUKE_MODELS names."""
    try:
        _bench(json_file, old, readme)
    except NetsukeError as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(error.exit_status)


def _other_tools() -> list[str]:
    """Tools whose versions are not those of the figures to compare with."""
    return [
        f"{check.name} {check.found}, the figures are of {TOOLS[check.name]}"
        for check in examine()
        if check.name in TOOLS and not f"{check.found}.".startswith(f"{TOOLS[check.name]}.")
    ]


def _bench(json_file: Path | None, old: Path | None, readme: bool) -> None:
    directory = Path(os.environ.get("NETSUKE_MODELS", MODELS))
    if not directory.is_dir():
        raise InputError(str(directory), "no folder", "the models", "set NETSUKE_MODELS")
    then = baseline.read(old) if old else {}
    for line in _other_tools():
        click.echo(f"bench: other tools: {line}", err=True)
    start = time.monotonic()
    figures = measure_all(directory, lambda message: click.echo(f"bench: {message}", err=True))
    click.echo(tables(figures))
    click.echo(f"bench: measured in {time.monotonic() - start:.0f} s", err=True)
    if json_file:
        baseline.write(json_file, figures)
    if readme:
        page = ROOT / "README.md"
        page.write_text(into_page(page.read_text(encoding="utf-8"), tables(figures)), "utf-8")
    worse = baseline.worse(figures, then)
    for line in worse:
        click.echo(f"bench: worse: {line}", err=True)
    if worse:
        raise AnswerNo(f"{len(worse)} figures are worse than in {old}")


if __name__ == "__main__":
    main()
