# SPDX-License-Identifier: Apache-2.0
"""Labelled data: accuracy of board and oracle, and files that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from netsuke.cli import main
from netsuke.compiler.datasets import accuracy, load_dataset
from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import read_model
from netsuke.compiler.ir import Array
from netsuke.compiler.oracle import Oracle
from tests.support.small_models import convolutional, rearranging

DATA, SHAPE, CLASSES = convolutional(), (1, 12, 10, 3), 6


def images(count: int) -> Array:
    return np.random.default_rng(5).integers(-128, 128, (count, *SHAPE[1:]), np.int8)


def validate(directory: Path, *arguments: str, **arrays: Array) -> Result:
    model, data = directory / "small.tflite", directory / "data.npz"
    model.write_bytes(DATA)
    np.savez(data, **arrays)
    command = ["validate", str(model), "-t", "host", "--dataset", str(data), *arguments]
    return CliRunner().invoke(main, command)


def test_accuracy_is_that_of_the_labels(tmp_path: Path) -> None:
    x, oracle = images(8), Oracle(DATA)
    y = np.array([oracle.run([image[None]])[0].argmax() for image in x], np.uint8)
    y[[1, 4]] = (y[[1, 4]] + 1) % CLASSES
    done = validate(tmp_path, "--json", x=x, y=y)
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["vectors"], answer["bytes_mismatched"]) == (8, 0)
    assert answer["dataset"] == {
        "vectors": 8,
        "accuracy_board": 0.75,
        "accuracy_oracle": 0.75,
        "classified_differently": 0,
        "differences": [],
    }
    some = json.loads(validate(tmp_path, "--json", "-n", "2", x=x, y=y).stdout)
    assert (some["vectors"], some["dataset"]["accuracy_board"]) == (2, 0.5)
    text = validate(tmp_path, x=x, y=y).stdout
    assert "accuracy on 8 vectors: 75.00% (75.00% by the oracle), 0 classified differently" in text


def test_vectors_that_board_and_oracle_tell_apart_are_listed() -> None:
    found = accuracy([3, 1, 2, 0], [(3, 3), (1, 4), (5, 2), (1, 1)])
    assert (found["accuracy_board"], found["accuracy_oracle"]) == (0.5, 0.5)
    assert found["classified_differently"] == 2
    assert found["differences"] == [
        {"index": 1, "label": 1, "board": 1, "oracle": 4},
        {"index": 2, "label": 2, "board": 5, "oracle": 2},
    ]


def refuse(x: Array | None, y: Array | None, directory: Path, model: bytes = DATA) -> str:
    graph, path = read_model(model, "small"), directory / "data.npz"
    np.savez(path, **{name: a for name, a in (("x", x), ("y", y)) if a is not None})
    with pytest.raises(InputError) as caught:
        load_dataset(path, graph, graph, None)
    return str(caught.value).removeprefix(str(path))


LABELS = np.array([0, 5, 2])


@pytest.mark.parametrize(
    ("x", "y", "want"),
    [
        (images(3), None, ": got arrays x, want x and y"),
        (None, None, ": got arrays none, want x and y"),
        (images(2), LABELS, ": x: got shape [2, 12, 10, 3], want [3, ...], as many as y"),
        (
            images(3).astype(np.float32),
            LABELS,
            ": x[0]: got float32, 360 elements ([12, 10, 3]), want int8, 360",
        ),
        (
            images(3)[:, :, :9],
            LABELS,
            ": x[0]: got int8, 324 elements ([12, 9, 3]), want int8, 360 ",
        ),
        (images(3), LABELS / 2, ": y: got float64[3], want at least one integer, [n]"),
        (images(3), LABELS[:, None], ": y: got int64[3, 1], want at least one integer, [n]"),
        (images(0), LABELS[:0], ": y: got int64[0], want at least one integer, [n]"),
        (images(3), LABELS + 1, ": y: got classes 1 to 6, want 0 to 5, as the output has"),
        (images(3), LABELS - 1, ": y: got classes -1 to 4, want 0 to 5, as the output has"),
    ],
)
def test_files_that_are_no_data_sets(
    x: Array | None, y: Array | None, want: str, tmp_path: Path
) -> None:
    assert refuse(x, y, tmp_path).startswith(want)


def test_models_of_two_inputs_have_no_data_sets(tmp_path: Path) -> None:
    said = refuse(images(3), LABELS, tmp_path, rearranging())
    assert said == ": got a model of 2 inputs, want one input"
