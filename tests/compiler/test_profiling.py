# SPDX-License-Identifier: Apache-2.0
"""Profiles: medians of runs, and measured layers that stay below their roofs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netsuke.compiler.boards import Place
from netsuke.compiler.driver import Options, Product, compile_graph, report_of
from netsuke.compiler.profiling import csv_text, profile, profile_report
from netsuke.targets.agent import ProfileResult
from netsuke.targets.target import find_target
from tests.support.small_models import convolutional


def quiet(_: str) -> None:
    """Nobody reads the progress."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profiling") / "small.tflite"
    path.write_bytes(convolutional())
    return path


@pytest.fixture(scope="module")
def measured(model: Path) -> dict[str, Any]:
    """Of a machine whose counter counts single instructions."""
    place = Place(find_target("netduinoplus2"), None)
    return profile(model, place, Options(), quiet, seed=3, runs=3).result


def test_layers_stay_below_their_roofs(measured: dict[str, Any]) -> None:
    assert (measured["source"], measured["unit"], measured["step"]) == (
        "emulator",
        "instructions",
        1,
    )
    assert measured["clock_hz"] == 16_000_000  # the emulator has no PLL: the clock after reset
    for layer in measured["layers"]:
        assert 0 < layer["roof"] <= layer["min"], layer
        assert layer["of_roof"] == round(layer["roof"] / layer["count"], 4)
    bounds = {layer["op"]: layer["bound"] for layer in measured["layers"]}
    assert bounds["AVERAGE_POOL_2D"] == "memory" and bounds["FULLY_CONNECTED"] == "flash"
    assert bounds["DEPTHWISE_CONV_2D"] == "requantization"


def test_shares_and_rates_are_of_the_counts(measured: dict[str, Any]) -> None:
    layers = measured["layers"]
    counted = sum(layer["count"] for layer in layers)
    assert measured["total"] == counted + measured["outside_layers"]
    shares = sum(layer["share"] for layer in layers)
    assert shares == pytest.approx(counted / measured["total"], abs=1e-6 * len(layers))
    for layer in layers:
        assert layer["share"] == pytest.approx(layer["count"] / measured["total"], abs=1e-6)
        if layer["macs"]:
            assert layer["per_mac"] == pytest.approx(layer["count"] / layer["macs"], abs=1e-4)
        else:
            assert layer["per_mac"] is None


def test_flash_and_ram_are_those_of_the_product(measured: dict[str, Any], model: Path) -> None:
    ram = measured["ram"]
    assert 0 < ram["arena_watermark_bytes"] <= ram["arena_bytes"]
    assert ram["stack_watermark_bytes"] > 0
    assert measured["flash"]["weights_bytes"] == sum(
        layer["flash"]["weights_bytes"] for layer in measured["layers"]
    )


def test_runs_give_median_least_and_most(model: Path) -> None:
    compiled = compile_graph(model, find_target("nucleo_f446re"), Options(), quiet)
    report = report_of(compiled, find_target("nucleo_f446re"), Product())
    count = len(report["layers"])

    def run(total: int, layer: int, arena: int, stack: int) -> ProfileResult:
        return ProfileResult("cycles", total, (layer,) * count, arena, stack)

    runs = [run(1000, 90, 50, 8), run(1100, 100, 60, 7), run(1300, 70, 55, 9)]
    result = profile_report(report, compiled.planned, runs)
    assert (result["total"], result["min"], result["max"]) == (1100, 1000, 1300)
    first = result["layers"][0]
    assert (first["count"], first["min"], first["max"]) == (90, 70, 100)
    assert result["ram"]["arena_watermark_bytes"] == 60
    assert result["ram"]["stack_watermark_bytes"] == 9
    assert (result["flash"], first["flash"]["code_bytes"]) == (None, None)
    assert result["runs"] == 3 and result["unit"] == "cycles"
    even = profile_report(report, compiled.planned, runs[:2])
    assert even["total"] == 1000  # a count that was measured, not a mean of two
    time = [replace(r, unit="nanoseconds") for r in runs]
    assert profile_report(report, compiled.planned, time)["layers"][0]["of_roof"] is None


def test_csv_has_a_row_for_each_layer(measured: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(measured))))
    assert [row["layer"] for row in rows] == [layer["name"] for layer in measured["layers"]]
    for row, layer in zip(rows, measured["layers"], strict=True):
        assert int(row["count"]) == layer["count"]
        assert int(row["code_bytes"]) == layer["flash"]["code_bytes"]
        assert (row["per_mac"] == "") == (layer["per_mac"] is None)
    json.dumps(measured)
