# SPDX-License-Identifier: Apache-2.0
"""The structure check, on files with one thing wrong."""

from __future__ import annotations

import struct

import flatbuffers
import pytest
import tflite

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend.flatbuffer import MAX_TABLES, check_structure
from tests.support.small_models import SMALL_MODELS, convolutional

HINT = " (hint: the file is damaged: copy or convert it again)"


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        check_structure(data)
    return str(error.value)


def patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize("name", SMALL_MODELS)
def test_sound_files_pass(name: str) -> None:
    check_structure(SMALL_MODELS[name]())


def test_every_truncation_is_refused() -> None:
    """The builder writes from the end, so the last bytes of a file are always in use."""
    data = convolutional()
    for length in range(len(data) - 4):
        refused(data[:length])


def test_root_outside_the_file() -> None:
    data = patched(convolutional(), 0, struct.pack("<I", 0xFFFFFFFC))
    assert refused(data) == (
        "model file: got offset 4294967292 at byte 0 in the root, want a sound TFLite flatbuffer"
        + HINT
    )


def test_vtable_outside_the_file() -> None:
    data = convolutional()
    (root,) = struct.unpack_from("<I", data)
    text = refused(patched(data, root, struct.pack("<i", root + 2)))
    assert text == (
        f"model file: got Model at byte {root} with its vtable at byte -2, "
        "want a sound TFLite flatbuffer" + HINT
    )


def test_vector_longer_than_the_file() -> None:
    data = convolutional()
    graph = tflite.Model.GetRootAs(data, 0).Subgraphs(0)
    start = graph._tab.Vector(graph._tab.Offset(6)) - 4  # inputs
    text = refused(patched(data, start, struct.pack("<I", 0x40000000)))
    assert text == (
        f"model file: got vector of a SubGraph at byte {start} with 1073741824 items, "
        "want a sound TFLite flatbuffer" + HINT
    )


def shared_tensors(count: int) -> bytes:
    """A small file that refers to one tensor table `count` times."""
    b = flatbuffers.Builder(1024)
    b.StartVector(4, 1000, 4)
    for _ in range(1000):
        b.PrependInt32(1)
    shape = b.EndVector()
    tflite.TensorStart(b)
    tflite.TensorAddShape(b, shape)
    tensor = tflite.TensorEnd(b)
    tflite.SubGraphStartTensorsVector(b, count)
    for _ in range(count):
        b.PrependUOffsetTRelative(tensor)
    tensors = b.EndVector()
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, tensors)
    graph = tflite.SubGraphEnd(b)
    tflite.ModelStartSubgraphsVector(b, 1)
    b.PrependUOffsetTRelative(graph)
    graphs = b.EndVector()
    tflite.ModelStart(b)
    tflite.ModelAddSubgraphs(b, graphs)
    b.Finish(tflite.ModelEnd(b), b"TFL3")
    return bytes(b.Output())


def test_content_counted_again_and_again_is_refused() -> None:
    check_structure(shared_tensors(2))
    text = "more than twice its size of content"
    assert text in refused(shared_tensors(1000))


def test_too_many_tables_are_refused_quickly() -> None:
    assert f"more than {MAX_TABLES} tables" in refused(shared_tensors(MAX_TABLES + 1))
