# SPDX-License-Identifier: Apache-2.0
"""Commands about targets and this machine: targets, doctor."""

from __future__ import annotations

import dataclasses
import sys

import click

from netsuke import show
from netsuke.compiler.errors import ToolError
from netsuke.console import emit, report_errors
from netsuke.options import json_option


@click.command()
@click.argument("query", default="")
@json_option
@report_errors
def targets(query: str, as_json: bool) -> None:
    """List boards and emulated boards whose name contains QUERY; parts from stm32f4 on."""
    from netsuke.targets.target import find_target, list_targets

    names = list_targets(query)
    if not names:
        find_target(query)
    rows = [find_target(name) for name in names]
    if as_json:
        emit({"targets": [show.target_row(row) for row in rows]})
    else:
        show.targets(rows)


@click.command()
@json_option
@report_errors
def doctor(as_json: bool) -> None:
    """Say which tools are here, which are missing and how to get them."""
    from netsuke.targets.doctor import examine

    checks = examine()
    if as_json:
        emit({"checks": [dataclasses.asdict(check) for check in checks]})
    else:
        show.checks(checks)
    if not all(check.ok for check in checks):
        sys.exit(ToolError.exit_status)
