# SPDX-License-Identifier: Apache-2.0
"""What each way of saving memory is worth: a model planned and run with and without each.

The three are named as in Liang et al., "MCUFormer: Deploying Vision Transformers on
Microcontrollers with Limited Memory" (NeurIPS 2023), and are what this compiler does in their
place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from netsuke.compiler.driver import Compiled, Options, Progress, build, compile_graph
from netsuke.compiler.errors import AnswerNo, InputError
from netsuke.compiler.ir import Array
from netsuke.compiler.project import temporary_directory
from netsuke.targets.session import session
from netsuke.targets.target import Target, emulated
from netsuke.targets.toolchain import has_compiler


@dataclass(frozen=True, slots=True)
class Techniques:
    """What a plan may do to save memory.

    `integration`: operators run together, row by row or token by token, and attention head by
    head. `patches`: the input is pushed in by bands, never whole in memory. `overwriting`: outputs
    are written over inputs as these die, tokens over tokens.
    """

    integration: bool
    patches: bool
    overwriting: bool


NAMES = ("integration", "patches", "overwriting")


@dataclass(frozen=True, slots=True)
class Combination:
    """A plan with these techniques. `instructions` and `output` of one inference in the emulator
    are None where the target has none, or where its memories are too small."""

    on: frozenset[str]
    arena_bytes: int
    optimal: bool
    instructions: int | None
    output: bytes | None


def ablation(model: Path, target: Target, options: Options, progress: Progress) -> dict[str, Any]:
    """The JSON object of `netsuke inspect --ablation`: every combination of the techniques, and
    what each technique saves.

    Raises AnswerNo should two combinations compute different bytes.
    """
    names, found, refused = list(NAMES), [], ""
    for on in _subsets(NAMES):
        if not on <= set(names):
            continue
        try:
            found.append(_combination(model, target, options, on, progress))
        except InputError as error:
            if on != {"patches"}:  # a model that cannot be read fails without it as well
                raise
            names.remove("patches")
            refused = str(error)
    if len({c.output for c in found} - {None}) > 1:
        raise AnswerNo(model.name, "different outputs", "the same bytes from every combination")
    arena = {c.on: c.arena_bytes for c in found}
    return {
        "model": model.stem,
        "target": target.name,
        "source": "emulator",
        "unit": "instructions",
        "combinations": [_as_data(c) for c in found],
        "techniques": [{"name": n, **_worth(n, names, arena)} for n in names],
        "not_applicable": refused,
    }


def _subsets(names: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(c) for n in range(len(names) + 1) for c in itertools.combinations(names, n)]


def _as_data(found: Combination) -> dict[str, Any]:
    return {
        **asdict(Techniques(**{name: name in found.on for name in NAMES})),
        "arena_bytes": found.arena_bytes,
        "optimal": found.optimal,
        "instructions": found.instructions,
    }


def _worth(
    name: str, names: Sequence[str], arena: Mapping[frozenset[str], int]
) -> dict[str, float | int]:
    """Bytes that a technique saves alone, and that the others lack without it; its share."""
    everything = frozenset(names)
    return {
        "alone_bytes": arena[frozenset()] - arena[frozenset({name})],
        "last_bytes": arena[everything - {name}] - arena[everything],
        "share": round(shapley_share(name, names, arena), 4),
    }


def shapley_share(name: str, names: Sequence[str], arena: Mapping[frozenset[str], int]) -> float:
    """What a technique saves in the mean over all orders in which they can be added one by one,
    as a share of what all save together. `arena` holds bytes for every subset of `names`."""
    others = [n for n in names if n != name]
    total = arena[frozenset()] - arena[frozenset(names)]
    summed = sum(
        (arena[on] - arena[on | {name}])
        * math.factorial(len(on))
        * math.factorial(len(others) - len(on))
        for on in _subsets(others)
    )
    return summed / math.factorial(len(names)) / total if total else 0.0


def _combination(
    model: Path, target: Target, options: Options, on: frozenset[str], progress: Progress
) -> Combination:
    progress(f"with {', '.join(n for n in NAMES if n in on) or 'none of the techniques'}")
    wishes = replace(
        options.wishes,
        streamed="patches" in on,
        integration="integration" in on,
        overwriting="overwriting" in on,
        ram_budget_bytes=0,
    )
    compiled = compile_graph(model, target, replace(options, wishes=wishes), progress)
    memory = compiled.planned.memory
    place = emulated(target)
    runs = place.machine and has_compiler(host=False)
    count, output = _run(compiled, place, options, progress) if runs else (None, None)
    return Combination(on, memory.arena_bytes, memory.solution.optimal, count, output)


def _run(
    compiled: Compiled, target: Target, options: Options, progress: Progress
) -> tuple[int, bytes] | tuple[None, None]:
    """Instructions and output of one inference, without the calls that profile and trace."""
    with temporary_directory() as directory:
        try:
            firmware = build(compiled, target, directory, options, progress)
        except AnswerNo as error:
            progress(f"not run: {error}")
            return None, None
        with session(target, firmware, None) as client:
            output = client.run(_input_bytes(compiled))
            return client.profile().total, output


def _input_bytes(compiled: Compiled) -> bytes:
    """The same random input for every combination, as this one lays it out."""
    rng, graph = np.random.default_rng(1), compiled.planned.graph
    held = []
    for s, t in zip(compiled.source.inputs, graph.inputs, strict=True):
        value: Array = rng.integers(-128, 128, compiled.source.tensors[s].shape).astype(np.int8)
        origin = graph.tensors[t].origin
        held.append(value if origin is None else origin.of(value))
    return b"".join(np.ascontiguousarray(v).tobytes() for v in held)
