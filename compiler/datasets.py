# SPDX-License-Identifier: Apache-2.0
"""Labelled data: what a model should answer, beside what the board and the oracle do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netsuke.compiler.arrays import int8_of, load_arrays
from netsuke.compiler.errors import InputError
from netsuke.compiler.ir import Array, Graph

MOST_LISTED = 100
"""Vectors that board and oracle classify differently are listed up to this number."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One int8 array for the only input of a model, and the index of its class, of each vector."""

    vectors: tuple[list[Array], ...]
    labels: tuple[int, ...]


def load_dataset(path: Path, source: Graph, graph: Graph, count: int | None) -> Dataset:
    """The first `count` vectors (all for None) of an .npz file with arrays `x` and `y`.

    `x` is [n, ...], each of its n parts an input of the model: int8, or float32 where the model
    file has float32. `y` is [n], of integers, the classes. InputError for anything else.
    """
    arrays = load_arrays(path)
    if not {"x", "y"} <= arrays.keys():
        raise InputError(str(path), f"arrays {', '.join(arrays) or 'none'}", "x and y")
    if len(graph.inputs) != 1:
        raise InputError(str(path), f"a model of {len(graph.inputs)} inputs", "one input")
    x, y = arrays["x"], arrays["y"]
    _check(path, x, y, graph.tensors[graph.outputs[0]].elements)
    (s,), (t,) = source.inputs, graph.inputs
    shape, taken = graph.tensors[t].shape, range(len(y) if count is None else min(count, len(y)))
    return Dataset(
        tuple(
            [int8_of(f"{path}: x[{i}]", source, graph, s, t, x[i]).reshape(shape)] for i in taken
        ),
        tuple(int(y[i]) for i in taken),
    )


def _check(path: Path, x: Array, y: Array, classes: int) -> None:
    if y.ndim != 1 or y.dtype.kind not in "iu" or not len(y):
        raise InputError(f"{path}: y", f"{y.dtype}{list(y.shape)}", "at least one integer, [n]")
    if x.ndim < 2 or len(x) != len(y):
        raise InputError(f"{path}: x", f"shape {list(x.shape)}", f"[{len(y)}, ...], as many as y")
    if y.min() < 0 or y.max() >= classes:
        raise InputError(
            f"{path}: y",
            f"classes {y.min()} to {y.max()}",
            f"0 to {classes - 1}, as the output has",
        )


def accuracy(labels: Sequence[int], answers: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Shares of right answers; `answers` are those of board and oracle, one for each label."""
    got, want = np.array(answers).T
    right = np.array(labels)
    differing = np.flatnonzero(got != want)
    return {
        "vectors": len(labels),
        "accuracy_board": round(float((got == right).mean()), 6),
        "accuracy_oracle": round(float((want == right).mean()), 6),
        "classified_differently": len(differing),
        "differences": [
            {"index": int(i), "label": labels[i], "board": int(got[i]), "oracle": int(want[i])}
            for i in differing[:MOST_LISTED].tolist()
        ],
    }
