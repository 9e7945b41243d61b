# SPDX-License-Identifier: Apache-2.0
"""Files of arrays that a user hands to `netsuke run`: refused in one line, whatever they hold."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.arrays import load_inputs
from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import read_model
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
