# SPDX-License-Identifier: Apache-2.0
"""Files given by mistake are called by their names."""

from __future__ import annotations

import gzip
import io
import zipfile

import numpy as np
import pytest

from netsuke.compiler.frontend import check


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name in names:
            file.writestr(name, "{}")
    return data.getvalue()


def array() -> bytes:
    data = io.BytesIO()
    np.save(data, np.zeros(3, np.int8))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "an empty file"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:", "an ONNX model"),
        (b"\x08\x0a:\x80\x01", "an ONNX model"),
        (b"\x08\x01\x12\x9c\x04", "a TensorFlow SavedModel"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), "a Keras or other HDF5 file"),
        (archive("metadata.json", "config.json", "model.weights.h5"), "a Keras model"),
        (archive("net/data.pkl", "net/version"), "a PyTorch model"),
        (archive("notes.txt"), "a zip archive"),
        (archive("notes.txt")[:40], "a damaged zip archive"),
        (gzip.compress(b"model"), "a gzip archive"),
        (array(), "a NumPy array"),
        (b"\x7fELF\x01\x01\x01" + bytes(45), "an ELF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "a pointer of Git LFS"),
        (b"\n<!DOCTYPE html>\n<html>", "an HTML page"),
        (b"import keras\n", "a text file"),
        (bytes(range(256)), "256 bytes without its mark TFL3"),
        (b"TFL3", "a text file"),
        (b"\x1c\x00\x00\x00TFL2\x00", "9 bytes without its mark TFL3"),
    ],
)
def test_the_kind_is_named_with_what_to_do(data: bytes, kind: str) -> None:
    (line,) = check(data, "file")
    assert line.startswith(f"file: got {kind}")
    assert line.endswith(
        ", want an int8 .tflite file "
        "(hint: tf.lite.TFLiteConverter writes one; docs/QUANTIZING.md shows how)"
    )
