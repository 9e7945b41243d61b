# SPDX-License-Identifier: Apache-2.0
"""The streamed-camera example: its program on a network of the same face that is quick to run.

The network itself takes minutes to build and needs TensorFlow. Here a small one with the same
input and output stands in for it, under the same name, for the same targets.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_examples.mcuformer_240 import recognize
from netsuke.compiler.driver import Options, build, compile_graph
from netsuke.compiler.planning import Wishes
from netsuke.targets.emulator import emulate
from netsuke.targets.firmware import Firmware
from netsuke.targets.target import find_target
from tests.support.small_models import Net

EXAMPLE = Path(recognize.__file__).parent
OPTIONS = Options(wishes=Wishes(streamed=True), program=EXAMPLE / "main.c", external_weights=True)


def network() -> bytes:
    """int8 1x240x240x3 to 1x1000, as the example's, in two layers."""
    n = Net(5)
    image = n.tensor((1, 240, 240, 3))
    patches = n.op(
        "CONV_2D",
        [image, n.weights((8, 30, 30, 3), 0), n.bias(8)],
        (1, 8, 8, 8),
        {"padding": "VALID", "stride_w": 30, "stride_h": 30},
    )
    flat = n.op("RESHAPE", [patches], (1, 512), {"new_shape": [1, 512]})
    scores = n.op("FULLY_CONNECTED", [flat, n.weights((1000, 512), 0), n.bias(1000)], (1, 1000))
    return n.build([image], [scores])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mcuformer") / "mcuformer_240.tflite"
    path.write_bytes(network())
    return path


def built(model: Path, target: str, folder: Path) -> Firmware:
    found = find_target(target)
    compiled = compile_graph(model, found, OPTIONS, lambda line: None)
    return build(compiled, found, folder, OPTIONS, lambda line: None)


def test_links_for_the_board(model: Path, tmp_path: Path) -> None:
    firmware = built(model, "stm32f746g_disco", tmp_path)
    assert firmware.external is not None
    assert firmware.external.stat().st_size == firmware.sizes.external_bytes > 500_000
    assert firmware.bin.stat().st_size < 40_000


def test_scores_are_those_of_the_reference(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    firmware = built(model, "mps2-an500", tmp_path)
    monkeypatch.setattr(recognize, "MODEL", model)
    with emulate("mps2-an500", firmware.elf) as process:
        assert recognize.main(process.port, 1) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 and lines[0].endswith(" 0 of 1000 bytes differ")


def test_a_damaged_weight_is_reported(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    firmware = built(model, "mps2-an500", tmp_path)
    monkeypatch.setattr(recognize, "MODEL", model)
    assert firmware.external is not None
    image, weights = bytearray(firmware.elf.read_bytes()), firmware.external.read_bytes()
    assert image.count(weights) == 1
    image[image.index(weights) + len(weights) // 2] ^= 1
    firmware.elf.write_bytes(image)
    with emulate("mps2-an500", firmware.elf) as process:
        assert recognize.main(process.port, 1) == 3
    assert capsys.readouterr().err.endswith(": weights damaged\n")


def test_main_c_is_at_most_80_lines() -> None:
    assert len((EXAMPLE / "main.c").read_text().splitlines()) <= 80
