# SPDX-License-Identifier: Apache-2.0
"""The Fashion-MNIST example: its dataset reader, and that the committed files are what it says."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import tflite

from firmware_examples.fashion_mnist import dataset
from netsuke.compiler.errors import InputError, ToolError

EXAMPLE = Path(dataset.__file__).parent
MODEL = (EXAMPLE / "fashion_mnist.tflite").read_bytes()


def write_idx(folder: Path, name: str, header: bytes, data: bytes) -> None:
    (folder / name).write_bytes(gzip.compress(header + data))


def test_load_reads_idx_files_and_quantizes(tmp_path: Path) -> None:
    pixels = bytes(range(256)) * 7  # 2 pictures of 28 x 28 need 1568 of these 1792
    images = struct.pack(">4I", 0x0803, 2, 28, 28)
    write_idx(tmp_path, "train-images-idx3-ubyte.gz", images, pixels[:1568])
    write_idx(tmp_path, "train-labels-idx1-ubyte.gz", struct.pack(">2I", 0x0801, 2), b"\x09\x03")

    split = dataset.load("train", tmp_path)

    assert split.images.shape == (2, 28, 28, 1) and split.images.dtype == np.int8
    expected = [value - 128 for value in pixels[:1568]]
    assert split.images.ravel().tolist() == expected
    assert split.labels.tolist() == [9, 3]


def test_absent_dataset_names_the_package(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        dataset.load("t10k", tmp_path)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    want = f"{path}: got no such file (hint: apt install dataset-fashion-mnist)"
    assert str(caught.value) == want
    assert caught.value.exit_status == 3


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    write_idx(tmp_path, "labels.gz", struct.pack(">2I", 0x0801, 1), b"\x00")
    with pytest.raises(InputError) as caught:
        dataset.read_idx(path, 0x0803)
    assert str(caught.value) == f"{path}: got idx magic 0x0801, want 0x0803"


@pytest.mark.skipif(not dataset.FOLDER.is_dir(), reason="needs dataset-fashion-mnist (apt)")
def test_sample_images_are_the_first_of_each_label() -> None:
    samples = np.load(EXAMPLE / "images.npy")
    test = dataset.load("t10k")
    for label, sample in enumerate(samples):
        first = next(i for i, found in enumerate(test.labels) if found == label)
        assert np.array_equal(sample, test.images[first])
    assert np.array_equal(np.load(EXAMPLE / "ankle_boot.npy"), samples[9:])


def test_model_takes_pixels_as_main_c_gives_them() -> None:
    graph = tflite.Model.GetRootAsModel(MODEL, 0).Subgraphs(0)
    image = graph.Tensors(graph.Inputs(0))
    assert len(MODEL) < 100_000
    assert image.Type() == tflite.TensorType.INT8
    assert image.ShapeAsNumpy().tolist() == [1, 28, 28, 1]
    assert image.Quantization().ScaleAsNumpy().tolist() == [np.float32(1 / 255)]
    assert image.Quantization().ZeroPointAsNumpy().tolist() == [-128]


def test_reference_labels_the_samples_right() -> None:
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    interpreter = runtime.Interpreter.from_bytes(MODEL, arena_size=1 << 20)
    for label, sample in enumerate(np.load(EXAMPLE / "images.npy")):
        interpreter.set_input(sample[np.newaxis], 0)
        interpreter.invoke()
        assert np.argmax(interpreter.get_output(0)) == label


def test_main_c_is_at_most_80_lines() -> None:
    assert len((EXAMPLE / "main.c").read_text().splitlines()) <= 80
