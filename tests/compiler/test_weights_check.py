# SPDX-License-Identifier: Apache-2.0
"""Weights that are not what was compiled are found before they compute anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from netsuke.cli import main
from netsuke.compiler.driver import Compiled, Options, build, compile_graph
from netsuke.compiler.errors import InputError, ToolError
from netsuke.compiler.ops.base import ConstArray
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import must_run
from tests.support.small_models import convolutional


def quiet(_: str) -> None:
    pass


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "net.tflite"
    path.write_bytes(convolutional())
    return path


def constants(compiled: Compiled, kind: str) -> bytes:
    """The bytes of the longest constant of a kind, as they stand in the image."""
    arrays = [
        value.values.tobytes()
        for call in compiled.planned.calls.values()
        for _, value in call.params
        if isinstance(value, ConstArray) and value.kind == kind
    ]
    return max(arrays, key=len)


@pytest.mark.parametrize(
    ("target", "external", "kind"),
    [
        ("netduinoplus2", False, "weights"),
        ("netduinoplus2", False, "params"),
        ("mps2-an500", True, "weights"),
        ("host", False, "weights"),
    ],
)
def test_a_flipped_bit_is_reported(
    model: Path, tmp_path: Path, target: str, external: bool, kind: str
) -> None:
    options = Options(external_weights=external)
    compiled = compile_graph(model, find_target(target), options, quiet)
    firmware = build(compiled, find_target(target), tmp_path / "out", options, quiet)
    assert bool(firmware.sizes.external_bytes) == external
    with session(firmware.target, firmware, None) as client:
        client.require_weights()
    image, wanted = bytearray(firmware.elf.read_bytes()), constants(compiled, kind)
    assert len(wanted) >= 8 and image.count(wanted) == 1
    image[image.index(wanted) + len(wanted) // 2] ^= 0x10
    firmware.elf.write_bytes(image)
    with (
        pytest.raises(ToolError, match="weights on the board: got another CRC-32, want that of"),
        session(firmware.target, firmware, None) as client,
    ):
        client.require_weights()


def test_who_does_not_ask_does_not_pay(model: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["compile", str(model), "-o", str(tmp_path / "out"), "--no-firmware"]
    )
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    program = tmp_path / "main.c"
    objects = ["net.c", "net_weights.c"]
    sizes = {}
    for name, call in (("with", "net_weights_intact()"), ("without", "0")):
        program.write_text(f'#include "net.h"\nint main(void) {{ return (int){call}; }}\n')
        flags = ["-O2", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-I."]
        elf = tmp_path / name
        must_run("gcc", [*flags, "-Iruntime", *objects, program, "-o", elf], out)
        sizes[name] = "net_weights_intact" in must_run("nm", [elf])
    assert sizes == {"with": True, "without": False}


def test_external_weights_need_external_flash(model: Path, tmp_path: Path) -> None:
    options = Options(external_weights=True)
    target = find_target("netduinoplus2")
    compiled = compile_graph(model, target, options, quiet)
    with pytest.raises(InputError, match="--external-weights: got target netduinoplus2"):
        build(compiled, target, tmp_path / "out", options, quiet)
