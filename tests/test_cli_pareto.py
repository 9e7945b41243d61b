# SPDX-License-Identifier: Apache-2.0
"""`--mac-overhead` and `inspect --pareto` as other programs see them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.support.small_models import convolutional
from tests.test_cli import answer, call, refused


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "small.tflite"
    path.write_bytes(convolutional())
    return path


def test_the_front(model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "front.svg"
    found = answer("inspect", model, "--input", "streamed", "--pareto", "--plot", picture)
    assert found["model"] == "small" and found["front"]
    assert found["front"][0]["mac_overhead"] >= 1
    for a, b in itertools.pairwise(found["front"]):
        assert a["arena_bytes"] > b["arena_bytes"] and a["macs"] < b["macs"]
    assert picture.read_text().count("<circle") == len(found["front"])
    shown = call("inspect", model, "--input", "streamed", "--pareto")
    assert f"{found['front'][0]['arena_bytes']:,}" in shown.stdout


def test_a_report_says_what_is_computed_again(model: Path, tmp_path: Path) -> None:
    overheads = []
    for x in ("1", "1.5"):
        found = answer("compile", model, "-o", tmp_path / x, "--no-firmware", "--mac-overhead", x)
        assert found["schedule"]["mac_overhead"] <= float(x)
        overheads.append(found["ram"]["arena_bytes"])
        live = found["model"]["macs_live"]
        total = sum(layer["macs"] for layer in found["layers"])
        assert found["schedule"]["mac_overhead"] == round(total / live, 4)
    assert overheads[0] >= overheads[1]


def test_options_that_do_not_go_together(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.svg"
    assert "--plot" in refused("inspect", model, "--plot", file)
    assert "one of them" in refused("inspect", model, "--pareto", "--ablation")
    assert "one of them" in refused("inspect", model, "--pareto", "--memory", file)
    for wrong, wanted in (("0.9", "0.9"), ("inf", "finite"), ("nan", "finite")):
        result = call("inspect", model, "--mac-overhead", wrong)
        assert result.exit_code == 2 and wanted in result.stderr
