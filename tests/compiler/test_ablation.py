# SPDX-License-Identifier: Apache-2.0
"""Plans with and without each technique: correct, and as small as the technique makes them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from netsuke.cli import main
from netsuke.compiler.ablation import shapley_share
from netsuke.compiler.frontend import read_model
from netsuke.compiler.oracle import Oracle
from netsuke.compiler.passes.pipeline import run_passes
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.validation import random_vectors, reference_inputs
from tests.support.host import build_host
from tests.support.small_models import convolutional

VIT = Path(__file__).parents[1] / "data/exports/keras_attention.tflite"
WISHES = Wishes(time_limit_s=0.3)
COMBINATIONS = [
    dataclasses.replace(WISHES, integration=i, streamed=p, overwriting=o)
    for i in (False, True)
    for p in (False, True)
    for o in (False, True)
]


@pytest.mark.parametrize("wishes", COMBINATIONS, ids=range(8))
def test_every_plan_computes_the_oracles_bytes(wishes: Wishes, tmp_path: Path) -> None:
    """A small vision transformer, under the sanitizers, its arena written up to its end."""
    data = VIT.read_bytes()
    source = read_model(data, VIT.stem)
    graph, oracle = run_passes(source), Oracle(data)
    vectors = random_vectors(graph, 3, seed=3)
    host = build_host(graph, tmp_path, observed=False, wishes=wishes)
    run = host.run([np.concatenate([v.ravel() for v in vector]) for vector in vectors])
    for vector, got in zip(vectors, run.outputs, strict=True):
        (want,) = oracle.run(reference_inputs(source, graph, vector))
        assert got.tobytes() == want.tobytes()
    assert run.watermark_bytes == host.planned.memory.arena_bytes


def test_without_integration_each_operator_is_a_region() -> None:
    graph = run_passes(read_model(VIT.read_bytes(), "vit"))
    planned = plan(graph, "portable", COMBINATIONS[1])
    assert all(len(region.ops) == 1 for region in planned.schedule.regions)


def test_without_overwriting_nothing_shares_storage() -> None:
    graph = run_passes(read_model(VIT.read_bytes(), "vit"))
    planned = plan(graph, "portable", COMBINATIONS[4])
    assert planned.problem.overlaps == ()


def test_shares_are_means_over_all_orders() -> None:
    """Two techniques that save 40 and 10 alone and 60 together: the first adds 40 or 50."""
    arena = {frozenset(on): size for on, size in (("", 100), ("a", 60), ("b", 90), ("ab", 40))}
    assert shapley_share("a", ("a", "b"), arena) == pytest.approx(45 / 60)
    assert shapley_share("b", ("a", "b"), arena) == pytest.approx(15 / 60)


def inspect(model: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["inspect", str(model), "--ablation", *arguments])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.tflite"
    path.write_bytes(convolutional())
    return path


def test_without_an_emulator_instructions_are_left_out(model: Path) -> None:
    done = inspect(model, "-t", "host", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert len(found["combinations"]) == 8
    assert {row["instructions"] for row in found["combinations"]} == {None}
    none, everything = found["combinations"][0], found["combinations"][-1]
    assert everything["arena_bytes"] < none["arena_bytes"]
    assert sum(t["share"] for t in found["techniques"]) == pytest.approx(1, abs=1e-3)
    assert "not run" in inspect(model, "-t", "host").output


def test_a_picture_as_well_is_refused(model: Path, tmp_path: Path) -> None:
    done = inspect(model, "--memory", str(tmp_path / "memory.svg"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--ablation: got --memory as well, want one of them" in done.stderr


@pytest.mark.slow
def test_instructions_are_counted_in_the_emulator(model: Path) -> None:
    done = inspect(model, "--json")
    assert done.exit_code == 0, done.output
    assert all(row["instructions"] > 50_000 for row in json.loads(done.stdout)["combinations"])
