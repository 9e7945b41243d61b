# SPDX-License-Identifier: Apache-2.0
"""Finding the layer that a real fault in a firmware makes wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from netsuke.cli import main
from netsuke.codegen.c_model import CModel
from netsuke.compiler import driver
from netsuke.compiler.driver import Options, compile_graph
from netsuke.compiler.report import layer_name
from netsuke.compiler.schedule import ops_in_order
from netsuke.targets.emulator import emulate
from netsuke.targets.target import find_target
from tests.support.small_models import convolutional

TARGET = "mps2-an386"


@dataclass(frozen=True)
class Broken:
    """A model, the port of an emulated board whose C is wrong in one layer, and that layer."""

    model: Path
    port: str
    layer: str


def break_layer(text: str, layer: int) -> str:
    """Generated C with another upper end of a layer's activation: real firmware, a real fault."""
    head, struct, tail = re.split(rf"(small_p{layer} = {{.*?}};)", text, maxsplit=1, flags=re.S)
    wrong = re.sub(r"\.high = -?\d+", ".high = -3", struct)
    assert wrong != struct
    return head + wrong + tail


@pytest.fixture(scope="module", params=[0, 1, 2, 3])
def broken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broken]:
    directory = tmp_path_factory.mktemp("broken")
    model = directory / "small.tflite"
    model.write_bytes(convolutional())
    target, options = find_target(TARGET), Options(observed=True)
    compiled = compile_graph(model, target, options, lambda _: None)

    plain = driver.c_files

    def c_files(*arguments: Any) -> tuple[CModel, dict[str, str]]:
        c_model, texts = plain(*arguments)
        return c_model, {**texts, "small.c": break_layer(texts["small.c"], request.param)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "c_files", c_files)
        firmware = driver.build(compiled, target, directory / "out", options, lambda _: None)
    layer = ops_in_order(compiled.planned.schedule)[request.param]
    with emulate(target.machine, firmware.elf) as process:
        yield Broken(model, process.port, layer_name(layer))


def validate(broken: Broken, *arguments: str | Path) -> Result:
    command = ["validate", broken.model, "-t", TARGET, "--port", broken.port, *arguments]
    return CliRunner().invoke(main, [str(a) for a in command])


def test_the_first_wrong_layer_is_found_and_reported(broken: Broken, tmp_path: Path) -> None:
    directory = tmp_path / "found"
    done = validate(broken, "--report", directory, "--json")
    assert done.exit_code == 1, done.stderr
    answer = json.loads(done.stdout)
    assert answer["first_divergent_layer"] == broken.layer
    assert answer["report"] == str(directory)
    report = json.loads((directory / "report.json").read_text())
    assert report["layer"]["name"] == broken.layer
    assert report["reference"] == "tflite-micro" and report["numpy_agrees"] is True
    got, want = (np.load(directory / f"{name}.npy") for name in ("got", "want"))
    assert report["differences"]["bytes"] == np.count_nonzero(got != want) > 0
    first: dict[str, Any] = report["differences"]["first"][0]
    assert got[tuple(first["index"])] == first["got"] != first["want"]
    for kernel in report["kernels"]:
        for name in kernel["params"].values():
            assert not isinstance(name, str) or (directory / name).is_file()
    assert (directory / "graph.txt").read_text()
    assert np.load(directory / "input_0.npy").dtype == np.int8


def test_a_report_overwrites_nothing(broken: Broken, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = validate(broken, "--bisect", "--report", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        f"netsuke: {tmp_path}: got it exists, want a new or empty directory "
        "(hint: choose another with --report)"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_no_report_where_nothing_differs(tmp_path: Path) -> None:
    model, directory = tmp_path / "small.tflite", tmp_path / "found"
    model.write_bytes(convolutional())
    arguments = ["validate", model, "-t", "host", "--report", directory, "--json"]
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    assert done.exit_code == 0 and not directory.exists()
    answer = json.loads(done.stdout)
    assert "report" not in answer and answer["layers_compared"] == answer["layers"]
