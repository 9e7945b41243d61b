# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
# No test of ours is about time; a busy machine must not fail one.
settings.register_profile("netsuke", deadline=None)
settings.load_profile("netsuke")

MODELS = ROOT.parent / "shared" / "models"


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of published models, which are not part of this repository."""
    directory = Path(os.environ.get("NETSUKE_MODELS", MODELS))
    if not directory.is_dir():
        pytest.skip(f"no models in {directory}; NETSUKE_MODELS may name their folder")
    return directory
