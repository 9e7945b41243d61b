# SPDX-License-Identifier: Apache-2.0
"""Says what a file is that is no TFLite model, so that the error names the user's mistake.

Only the first bytes decide, by the formats' own marks: HDF5 File Format Specification III.A, ZIP's
APPNOTE 4.3.7, protocol buffers' wire format (onnx.proto: field 1 is `ir_version`;
saved_model.proto: field 1 is `saved_model_schema_version`), NumPy's format.py, the ELF header.
"""

from __future__ import annotations

import io
import zipfile

CONVERT_HINT = "tf.lite.TFLiteConverter writes one; docs/QUANTIZING.md shows how"
"""What to do with a model in another format, or with one that is not int8."""

_MARKS = (
    (b"\x89HDF\r\n\x1a\n", "a Keras or other HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x7fELF", "an ELF file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a pointer of Git LFS, not yet the file itself"),
    (b"\x08\x01\x12", "a TensorFlow SavedModel"),
)


def kind_of(data: bytes) -> str:
    """What `data` is, after "got": "an ONNX model". For what has no mark, its size and start."""
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if len(data) > 3 and data[0] == 0x08 and data[1] < 0x80 and data[2] in (0x12, 0x3A):
        return "an ONNX model"
    if not data:
        return "an empty file"
    if _is_text(data[:512]):
        return "an HTML page" if data.lstrip()[:1] == b"<" else "a text file"
    return f"{len(data)} bytes without its mark TFL3"


def _kind_of_archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "a damaged zip archive"
    if "metadata.json" in names and "config.json" in names:
        return "a Keras model"
    if any(name.endswith("data.pkl") for name in names):
        return "a PyTorch model"
    return "a zip archive"


def _is_text(start: bytes) -> bool:
    """Whether it is ASCII without control characters; a cut in other UTF-8 could not be told."""
    return all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in start)
