# SPDX-License-Identifier: Apache-2.0
"""Profiles as a terminal shows them."""

from __future__ import annotations

from typing import Any

import pytest

from netsuke import show_profile


def layer(name: str, macs: int, count: int, share: float, code: int | None) -> dict[str, Any]:
    return {
        "name": name,
        "macs": macs,
        "count": count,
        "min": count - 5,
        "max": count + 5,
        "per_mac": count / macs if macs else None,
        "share": share,
        "bound": "compute" if macs else "memory",
        "of_roof": 0.5 if macs else None,
        "flash": {"code_bytes": code, "weights_bytes": 40, "params_bytes": 8},
    }


def result(low: int, high: int, runs: int, *, flash: bool = True) -> dict[str, Any]:
    code = 100 if flash else None
    sizes = {"code": 350, "weights": 80, "params": 16, "external": 0, "total": 446}
    return {
        "source": "board",
        "unit": "cycles",
        "step": 1,
        "clock_hz": 180_000_000,
        "runs": runs,
        "total": 100_000,
        "min": low,
        "max": high,
        "layers": [
            layer("0 conv_2d", 40_000, 80_000, 0.8, code),
            layer("1 max_pool_2d", 0, 20_000, 0.2, code),
        ],
        "ram": {"arena_bytes": 64, "arena_watermark_bytes": 60, "stack_watermark_bytes": 32},
        "flash": {f"{k}_bytes": v for k, v in sizes.items()} if flash else None,
    }


def shown(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_profile.profile(found)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(result(100_000, 100_000, 1), capsys) == [
        "layer MACs cycles per MAC share flash bound",
        "0 conv_2d 40,000 80,000 2.00 80.0% ██████████ 148 compute 50%",
        "1 max_pool_2d 20,000 20.0% ██▌ 148 memory",
        "total 40,000 100,000 2.50 446",
        "measured on the board: arena 60 of 64 bytes touched, stack 32 bytes",
        "the core runs at 180 MHz: 0.556 ms an inference",
        "flash: 350 bytes of code (150 shared by layers), 80 of weights, 16 of parameters",
        "bound: what sets the least a layer can take, and that least as a share of the count",
    ]


def test_several_runs_that_differ_show_least_and_most(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(result(90_000, 120_000, 7), capsys)
    assert lines[0] == "layer MACs cycles min max per MAC share flash bound"
    assert lines[1].startswith("0 conv_2d 40,000 80,000 79,995 80,005 2.00")
    assert "7 runs on different inputs: 90,000 to 120,000 cycles, median 100,000" in lines


def test_several_runs_alike_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(result(100_000, 100_000, 7), capsys)
    assert "min" not in lines[0]
    assert "7 runs on different inputs: all took the same cycles" in lines


def test_flash_that_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(result(1, 1, 1, flash=False), capsys)
    assert lines[1].endswith("██████████ compute 50%")
    assert not [line for line in lines if line.startswith("flash:")]


@pytest.mark.parametrize(
    ("share", "want"),
    [(0, ""), (1e-6, "▏"), (0.0125, "▏"), (0.1, "█"), (0.55, "█████▌"), (1, "█" * 10)],
)
def test_bars_are_in_eighths_of_a_letter(share: float, want: str) -> None:
    assert show_profile.bar(share) == want
