# SPDX-License-Identifier: Apache-2.0
"""Estimated instructions are close to those that the emulator counts, and choose among kernels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.driver import Options, compile_graph
from netsuke.compiler.estimates import PARTS, Work, coefficients, estimate, kernel_name, work_of
from netsuke.compiler.ops.base import KernelCall
from netsuke.compiler.schedule import ops_in_order
from netsuke.targets.target import find_target
from tests.bench.baseline import read
from tests.bench.fit import fit

ROOT = Path(__file__).parents[2]
WITHIN = {"kws_ref_model": 0.1, "pretrainedResnet_quant": 0.1, "vww_96_int8": 0.15}
"""The last one is none of those whose layers were fitted."""


def call(function: str) -> KernelCall:
    return KernelCall(function, "nk_x", "x", "kernels/x.c", ())


@pytest.mark.parametrize("name", WITHIN)
def test_whole_models_are_estimated(name: str, models_dir: Path) -> None:
    model = models_dir / f"{name}.tflite"
    if not model.exists():
        pytest.skip(f"{name} is not there")
    target = find_target("mps2-an386")
    planned = compile_graph(model, target, Options(), lambda _: None).planned
    counted = read(ROOT / "tests/bench/baseline.json")[name].speed.instructions
    graph, blocks = planned.graph, planned.schedule.blocks
    counts = [
        estimate(planned.calls[op.index], work_of(graph, op, blocks[op.index]))
        for op in ops_in_order(planned.schedule)
    ]
    assert sum(c or 0 for c in counts) == pytest.approx(counted, rel=WITHIN[name])


def test_names_leave_out_rounding_and_rows() -> None:
    assert kernel_name(call("nk_conv_2d_dsp_signed_row")) == "conv_2d_dsp"
    assert kernel_name(call("nk_conv_2d_pixel_row")) == "conv_2d"


def test_nothing_is_said_about_unknown_kernels() -> None:
    assert estimate(call("nk_none_row"), Work(1, 1, 1, 1)) is None


def test_coefficients_are_not_negative() -> None:
    for name, weights in coefficients().items():
        assert len(weights) == len(PARTS) and min(weights) >= 0 and max(weights) > 0, name


def test_fit_finds_the_weights_of_exact_counts() -> None:
    parts = np.random.default_rng(1).integers(100, 10_000, (40, 4))
    works = [Work(*map(int, row)) for row in parts]
    counts = [2 * w.macs + 5 * w.outputs + 11 * w.calls for w in works]
    counts[3] *= 20  # an odd layer
    counts[5] = 1  # one that was folded away
    found = fit(list(zip(works, counts, strict=True)))
    np.testing.assert_allclose(found, [2, 0, 5, 11], atol=0.05)
