# SPDX-License-Identifier: Apache-2.0
"""Comparing with earlier figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netsuke.compiler.errors import InputError
from tests.bench import baseline
from tests.bench.measure import BENCHMARKS, Built, Measured
from tests.conftest import ROOT

SPEED, SIZE = Built(10_000, 300, 20, 500), Built(11_000, 250, 20, 500)
MODEL = Measured("mps2-an386", 900, 7_000, 6_000, 2_000, 1_000, SPEED, SIZE)


def test_one_percent_is_allowed() -> None:
    then = {"net": MODEL}
    assert baseline.worse({"net": replace(MODEL, arena_resident_bytes=2_020)}, then) == []
    assert baseline.worse({"net": replace(MODEL, arena_resident_bytes=2_022)}, then) == [
        "net: arena_resident_bytes 2,000 -> 2,022 (+1.1 %)"
    ]


def test_every_figure_that_is_worse_is_named() -> None:
    speed, size = replace(SPEED, instructions=12_000, code_bytes=1), replace(SIZE, params_bytes=30)
    assert baseline.worse({"net": replace(MODEL, speed=speed, size=size)}, {"net": MODEL}) == [
        "net: speed.instructions 10,000 -> 12,000 (+20.0 %)",
        "net: size.params_bytes 20 -> 30 (+50.0 %)",
    ]


def test_models_come_and_go() -> None:
    assert baseline.worse({"new": MODEL}, {"old": MODEL}) == ["old: not measured"]
    assert baseline.worse({"new": MODEL}, {}) == []


def test_figures_survive_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bench.json"
    baseline.write(path, {"net": MODEL})
    assert baseline.read(path) == {"net": MODEL}


@pytest.mark.parametrize("text", ["", "[]", '{"net": {}}', '{"net": {"speed": 1}}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"bench\.json: got .*, want JSON written by this program"):
        baseline.read(path)


def test_committed_baseline_holds_every_model() -> None:
    assert list(baseline.read(ROOT / "tests/bench/baseline.json")) == list(BENCHMARKS)
