# SPDX-License-Identifier: Apache-2.0
"""Files of arrays that a user hands to `netsuke run`: refused in one line, whatever they hold."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.arrays import load_inputs, load_labels
from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import read_model
from netsuke.compiler.ir import Array
from tests.support.small_models import convolutional, rearranging

SHAPE = (1, 12, 10, 3)


def _array_file(kind: str, path: Path) -> None:
    header = b"{'descr': '|i1', 'fortran_order': False, 'shape': (%d,), }\n" % 10**15
    magic = b"\x93NUMPY\x01\x00"
    if kind == "wrong size":
        np.save(path, np.zeros(5, np.int8))
    elif kind == "wrong type":
        np.save(path, np.zeros(SHAPE, np.float32))
    elif kind == "two arrays":
        np.savez(path, np.zeros(SHAPE, np.int8), np.zeros(1, np.int8))
    elif kind == "archive of text":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("image.txt", "x" * 360)
    elif kind == "claims to be huge":
        path.write_bytes(magic + struct.pack("<H", len(header)) + header)
    else:
        contents = {"empty": b"", "no archive": b"PK\x03\x04 and no more", "text": b"1 2 3\n"}
        contents["open bracket"] = magic + struct.pack("<H", 9) + b"{'descr':"
        path.write_bytes(contents[kind])


@pytest.mark.parametrize(
    "kind",
    [
        "wrong size",
        "wrong type",
        "two arrays",
        "archive of text",
        "claims to be huge",
        "empty",
        "no archive",
        "text",
        "open bracket",
    ],
)
def test_inputs_that_do_not_fit(kind: str, tmp_path: Path) -> None:
    path = tmp_path / ("x.npz" if kind in ("two arrays", "archive of text") else "x.npy")
    _array_file(kind, path)
    graph = read_model(convolutional(), "small")
    with pytest.raises(InputError) as caught:
        load_inputs(path, graph, graph)
    assert str(caught.value).startswith(f"{path}: got ") and "want " in str(caught.value)


def test_an_archive_has_one_array_an_input_in_order(tmp_path: Path) -> None:
    graph = read_model(rearranging(), "small")
    first, second = np.full(60, 7, np.int8), np.arange(60, dtype=np.int8).reshape(1, 4, 5, 3)
    np.savez(tmp_path / "x.npz", first, second)
    assert load_inputs(tmp_path / "x.npz", graph, graph) == first.tobytes() + second.tobytes()


def _objects(archive: bool) -> bytes:
    data, array = io.BytesIO(), np.array([{}], dtype=object)
    if archive:
        np.savez(data, allow_pickle=True, x=array)
    else:
        np.save(data, array, allow_pickle=True)
    return data.getvalue()


def refused(path: Path) -> str:
    graph = read_model(convolutional(), "small")
    with pytest.raises(InputError) as caught:
        load_inputs(path, graph, graph)
    return str(caught.value).removeprefix(f"{path}: got ")


FILE = ", want a .npy or .npz file (hint: numpy.save or numpy.savez writes one)"


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"no archive at all", "a file of another kind"),
        (b"PK\x03\x04 broken", "File is not a zip file"),
        (_objects(archive=False), "Python objects"),
        (_objects(archive=True), "Python objects"),
    ],
)
def test_nobody_is_told_to_unpickle(content: bytes, got: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    assert refused(path) == got + FILE


def test_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.npy") == "No such file or directory" + FILE
    assert refused(tmp_path) == "Is a directory" + FILE


VALUES = (np.arange(360) % 251 - 125).astype(np.int8).reshape(SHAPE)


@pytest.mark.parametrize(
    ("array", "got", "hint"),
    [
        (VALUES[:, :9], "int8, 270 elements ([1, 9, 10, 3])", ""),
        (VALUES.view(np.uint8), "uint8, 360 elements ([1, 12, 10, 3])", ""),
        (
            VALUES.astype(np.int64),
            "int64, 360 elements ([1, 12, 10, 3])",
            " (hint: x.astype(numpy.int8))",
        ),
    ],
)
def test_arrays_of_another_kind(array: Array, got: str, hint: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array)
    assert refused(tmp_path / "x.npy") == f"{got}, want int8, 360 elements ({list(SHAPE)}){hint}"


def test_reals_are_told_how_to_become_int8(tmp_path: Path) -> None:
    graph = read_model(convolutional(), "small")
    q = graph.tensors[graph.inputs[0]].q
    np.save(tmp_path / "x.npy", VALUES.astype(np.float32))
    formula = f"clip(round(real / {q.scale:.9g}) + {q.zero_point}, -128, 127)"
    assert refused(tmp_path / "x.npy").endswith(f"(hint: int8 = {formula})")


def test_labels_are_as_many_as_values(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("a\nb\n")
    assert load_labels(path, 2) == ("a", "b")
    with pytest.raises(InputError, match="got 2 lines, want 3, one for each output value"):
        load_labels(path, 3)
