# SPDX-License-Identifier: Apache-2.0
"""Damaged files end in a sound graph or an InputError, within 2 s and 512 MB each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHARED_MODELS = ROOT.parent / "shared" / "models"
WORKERS = 2


def run_workers(count: int, models: list[Path]) -> None:
    """Splits `count` seeds between workers and demands that nothing unexpected happened."""
    share = count // WORKERS
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.fuzz_worker",
                str(i * share),
                str(share),
                *models,
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        for i in range(WORKERS)
    ]
    results = [json.loads(worker.communicate()[0] or "null") for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    assert [result["failures"] for result in results] == [{}] * WORKERS
    for result in results:
        assert sum(result["outcomes"].values()) == share
        assert min(result["outcomes"].values()) > 0.02 * share, "damage too strong or too weak"


def trained_models(max_bytes: int) -> list[Path]:
    return [p for p in sorted(SHARED_MODELS.glob("*.tflite")) if p.stat().st_size <= max_bytes]


def test_damaged_models() -> None:
    """Small ones, so that the planning of those that survive takes no time."""
    run_workers(2_000, trained_models(100_000))


@pytest.mark.slow
def test_many_damaged_models() -> None:
    models = trained_models(10_000_000)
    if not models:
        pytest.skip("needs the trained models in ../shared/models")
    run_workers(100_000, models)
