# SPDX-License-Identifier: Apache-2.0
"""Files and the names that models get from them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import check, load, load_file, model_name
from tests.support.tflite_builder import OpSpec, TensorSpec, build_model


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("vww_96_int8.tflite", "vww_96_int8"),
        ("some/where/My Net-v2.1.tflite", "My_Net_v2_1"),
        ("96net.tflite", "model_96net"),
        ("int.tflite", "model_int"),
        ("class.tflite", "model_class"),
        ("main.tflite", "model_main"),
        ("mainly.tflite", "mainly"),
        ("netz-für-äpfel.tflite", "netz_f_r_pfel"),
        ("--.tflite", "model"),
        ("_Reserved__name.tflite", "Reserved_name"),
        ("a" * 240 + ".tflite", "a" * 100),
    ],
)
def test_name_is_a_c_identifier(file: str, name: str) -> None:
    assert model_name(Path(file)) == name


def test_load_gives_the_graph_and_the_file(tmp_path: Path) -> None:
    tensors = [TensorSpec(n, (1, 2, 3), scale=0.5) for n in ("x", "y")]
    data = build_model(tensors, [OpSpec("RELU", ["x"], ["y"])], ["x"], ["y"])
    path = tmp_path / "my-net.tflite"
    path.write_bytes(data)
    graph, file = load(path)
    assert graph.name == file.name == "my_net"
    assert file.data == data
    assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_absent_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none.tflite"
    with pytest.raises(InputError) as error:
        load_file(path)
    assert str(error.value) == f"{path}: got no such file or directory, want a .tflite file"


def test_a_folder_may_be_a_saved_model(tmp_path: Path) -> None:
    want = "want an int8 .tflite file (hint: tf.lite.TFLiteConverter writes one; "
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}: got a directory, {want}")):
        load_file(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    kind = "a TensorFlow SavedModel"
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}: got {kind}, {want}")):
        load_file(tmp_path)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.tflite"
    path.write_bytes(b"no model at all")
    want = f"{path}: got a text file, want an int8 .tflite file"
    with pytest.raises(InputError, match=re.escape(want)):
        load(path)
    (problem,) = check(path.read_bytes(), str(path))
    assert problem.startswith(want)
