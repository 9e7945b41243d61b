# SPDX-License-Identifier: Apache-2.0
"""Commands about targets and this machine: targets, doctor."""

from __future__ import annotations

import dataclasses
import sys

import click

from netsuke import show
from netsuke.compiler.errors import ToolError
from netsuke.console import emit, examples, report_errors
from netsuke.options import json_option


@click.command(
    epilog=examples(
        "netsuke targets",
        "netsuke targets f746",
        "netsuke targets stm32f446",
    )
)
@click.argument("query", default="")
@json_option
@report_errors
def targets(query: str, as_json: bool) -> None:
    """List boards, emulated boards and STM32 parts.

    Those whose names contain QUERY. Parts are 3,600, so they are listed only where QUERY has a
    family: stm32f4 or more.
    """
    from netsuke.targets.target import find_target, list_targets

    names = list_targets(query)
    if not names:
        find_target(query)
    rows = [find_target(name) for name in names]
    if as_json:
        emit({"targets": [show.target_row(row) for row in rows]})
    else:
        show.targets(rows)


@click.command(
    epilog=examples(
        "netsuke doctor",
    )
)
@json_option
@report_errors
def doctor(as_json: bool) -> None:
    """Say which tools are here, which are missing and how to get them.

    Exit status 3 where one is missing.
    """
    from netsuke.targets.doctor import examine

    checks = examine()
    if as_json:
        emit({"checks": [dataclasses.asdict(check) for check in checks]})
    else:
        show.checks(checks)
    if not all(check.ok for check in checks):
        sys.exit(ToolError.exit_status)
