# SPDX-License-Identifier: Apache-2.0
"""Figures kept as JSON, and what became worse since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from netsuke.compiler.errors import InputError
from tests.bench.measure import Measured

ALLOWED = 1.01
"""A figure may be larger than the baseline's by this factor."""


def write(path: Path, figures: Mapping[str, Measured]) -> None:
    """All figures, one object a model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    value = {name: asdict(m) for name, m in figures.items()}
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Measured]:
    """What `write` wrote. Raises InputError for any other file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return {name: Measured.from_json(m) for name, m in value.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(str(path), str(error), "JSON written by this program") from None


def worse(now: Mapping[str, Measured], then: Mapping[str, Measured]) -> list[str]:
    """One line for each figure of `then` that is now larger by more than 1 %, or missing."""
    found = []
    for name, model in then.items():
        if name not in now:
            found.append(f"{name}: not measured")
            continue
        new = dict(_numbers(asdict(now[name])))
        for key, old in _numbers(asdict(model)):
            if new[key] > old * ALLOWED:
                found.append(f"{name}: {key} {old:,} -> {new[key]:,}{_percent(old, new[key])}")
    return found


def _percent(old: int, new: int) -> str:
    return f" (+{100 * (new / old - 1):.1f} %)" if old else ""


def _numbers(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, int]]:
    """Every number of nested objects with its path: speed.code_bytes."""
    for key, item in value.items():
        if isinstance(item, int):
            yield prefix + key, item
        elif isinstance(item, dict):
            yield from _numbers(item, f"{prefix}{key}.")
