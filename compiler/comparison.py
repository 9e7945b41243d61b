# SPDX-License-Identifier: Apache-2.0
"""Two profiles side by side: two versions, two sets of options or two boards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from netsuke.compiler.errors import InputError
from netsuke.compiler.project import read_text

_WANTED = "what `netsuke profile --json` prints"
_RAM, _FLASH = ("arena", "stack", "total"), ("code", "weights", "params", "total")


def read_profile(path: Path) -> dict[str, Any]:
    """A profile from a file. InputError for a file that holds none."""
    try:
        found = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(str(path), str(error), _WANTED) from None
    if not isinstance(found, dict):
        raise InputError(str(path), "JSON that is no object", _WANTED)
    missing = {"unit", "total", "layers", "ram", "target", "model"} - found.keys()
    if missing:
        raise InputError(str(path), f"no {', '.join(sorted(missing))}", _WANTED)
    layers = found["layers"]
    if not isinstance(layers, list) or not all(_is_layer(layer) for layer in layers):
        raise InputError(str(path), "layers without name and count", _WANTED)
    return found


def _is_layer(layer: Any) -> bool:
    return isinstance(layer, dict) and isinstance(layer.get("count"), int) and "name" in layer


def compare(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of `netsuke compare`: for each figure a, b, b - a and b / a.

    Layers are matched by name, in the order of `a`, then those of `b` alone; a figure that one
    side lacks is null. Counts in different units have a ratio but no difference.
    """
    same = a["unit"] == b["unit"]
    counts_a, counts_b = _counts(a), _counts(b)
    names = dict.fromkeys([*counts_a, *counts_b])
    return {
        "a": _side(a),
        "b": _side(b),
        "total": _pair(a["total"], b["total"], same),
        "milliseconds": {"a": _milliseconds(a), "b": _milliseconds(b)},
        "layers": [
            {"name": name, **_pair(counts_a.get(name), counts_b.get(name), same)} for name in names
        ],
        "ram": _sizes(a["ram"], b["ram"], _RAM),
        "flash": _sizes(a.get("flash") or {}, b.get("flash") or {}, _FLASH),
    }


def _counts(profile: dict[str, Any]) -> dict[str, int]:
    return {layer["name"]: layer["count"] for layer in profile["layers"]}


def _side(profile: dict[str, Any]) -> dict[str, Any]:
    model, target = profile["model"], profile["target"]
    return {
        "model": model.get("name"),
        "sha256": model.get("sha256"),
        "target": target.get("name"),
        "source": profile.get("source"),
        "unit": profile["unit"],
    }


def _milliseconds(profile: dict[str, Any]) -> float | None:
    """What an inference takes at the core's clock, where that is known and cycles were counted."""
    clock_hz = profile.get("clock_hz")
    if profile["unit"] != "cycles" or not clock_hz:
        return None
    return round(1e3 * float(profile["total"]) / float(clock_hz), 4)


def _sizes(a: dict[str, Any], b: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    keys = [f"{name}_bytes" for name in names]
    return {key: _pair(a.get(key), b.get(key), True) for key in keys}


def _pair(a: int | None, b: int | None, same_unit: bool) -> dict[str, Any]:
    both = a is not None and b is not None
    return {
        "a": a,
        "b": b,
        "difference": b - a if a is not None and b is not None and same_unit else None,
        "ratio": round(b / a, 4) if both and a and b is not None else None,
    }
