# SPDX-License-Identifier: Apache-2.0
"""Models written by hand, on the host and on every emulated machine: the whole path to a byte."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from netsuke.compiler.errors import InputError, ToolError
from netsuke.targets.agent import AgentClient
from netsuke.targets.emulator import emulate
from netsuke.targets.fault import BoardFault
from netsuke.targets.firmware import build_firmware
from netsuke.targets.link import Link, open_stream
from netsuke.targets.process import board_process
from netsuke.targets.session import session
from netsuke.targets.target import emulated, find_target
from tests.targets.conftest import FOLDER, PLUS_ONE_BYTES, Build, plus_one

MACHINES = ["mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", "netduinoplus2"]
DATA = np.random.default_rng(5).integers(0, 256, PLUS_ONE_BYTES, np.uint8).tobytes()


@pytest.mark.parametrize("target", ["host", *MACHINES])
def test_run_profile_and_trace(build: Build, target: str) -> None:
    firmware = build("plus_one", target)
    with session(firmware.target, firmware, None) as client:
        hello = client.hello
        assert hello.sha256.startswith("aabbcc00")
        assert (hello.input_bytes, hello.output_bytes, hello.layers) == (1200, 1200, 3)
        assert client.run(DATA, paint=True) == plus_one(DATA, 1)[2].tobytes()
        profile = client.profile()
        # The model leaves the last 64 bytes of its arena alone.
        assert profile.arena_watermark_bytes == hello.arena_bytes - 64
        output, layers = client.trace(DATA, {0: 1200, 2: 1200})
        assert output == plus_one(DATA, 2)[2].tobytes()
        assert np.array_equal(layers[0], plus_one(DATA, 2)[0])
        assert np.array_equal(layers[2], plus_one(DATA, 2)[2])
    if target == "host":
        assert profile.unit == "nanoseconds"
        return
    assert profile.unit == "instructions"
    # Each layer is a loop over 1200 bytes; only the M55 does 16 bytes at a time.
    assert profile.layers[2] > 1200
    assert 0.99 * profile.total < sum(profile.layers) <= profile.total
    assert 8 <= profile.stack_watermark_bytes <= 256
    assert hello.stack_bytes == 4096
    assert hello.agent_ram_bytes <= firmware.sizes.agent_ram_bytes


def test_two_runs_count_the_same_instructions(build: Build) -> None:
    firmware = build("plus_one", "netduinoplus2")
    profiles = []
    for _ in range(2):
        with session(firmware.target, firmware, None) as client:
            for _ in range(2):
                client.run(DATA, paint=True)
                profiles.append(client.profile())
    assert all(profile == profiles[0] for profile in profiles)


@pytest.mark.parametrize("target", ["host", "mps2-an386"])
def test_a_streamed_model(build: Build, target: str) -> None:
    firmware = build("stream", target)
    data = np.random.default_rng(6).integers(0, 256, 1200, np.uint8)
    sums = data.reshape(60, 20).sum(axis=1).astype(np.uint8)
    expected = np.append(sums, np.uint8(int(sums.sum()) % 256)).tobytes()
    with session(firmware.target, firmware, None) as client:
        assert client.hello.streamed
        assert client.run(data.tobytes()) == expected
        profile = client.profile()
        assert 0.9 * profile.total < sum(profile.layers) <= profile.total
        output, layers = client.trace(data.tobytes(), {0: 60, 1: 1})
        assert output == expected
        assert layers[0].tobytes() + layers[1].tobytes() == expected


@pytest.mark.parametrize(
    ("target", "start", "cause"),
    [
        ("mps2-an386", b"bus", r"crashed in nk_model_invoke \(glue_plus_one.c:\d+\): bus error"),
        ("netduinoplus2", b"bus", r"bus error on data access at PC .*, address 0xf0000000"),
        ("mps2-an386", b"deep", "crashed: .*stack overflow"),
        ("mps2-an505", b"deep", "crashed: stack overflow"),
        ("netduinoplus2", b"deep", "crashed: .*stack overflow"),
    ],
)
def test_a_crash_is_reported(build: Build, target: str, start: bytes, cause: str) -> None:
    firmware = build("plus_one", target)
    with (
        pytest.raises(BoardFault, match=cause),
        session(firmware.target, firmware, None) as client,
    ):
        client.run(start + bytes(PLUS_ONE_BYTES - len(start)))


def test_a_host_that_comes_late_hears_of_the_crash(build: Build) -> None:
    firmware = build("plus_one", "mps2-an386")
    with emulate("mps2-an386", firmware.elf) as process:
        for _ in range(3):
            stream = open_stream(process.port)
            link = Link(stream, process.port, process.check_alive)
            with pytest.raises(BoardFault, match="bus error"):
                AgentClient(link).run(b"bus" + bytes(PLUS_ONE_BYTES - 3))
            link.close()


def test_an_emulator_that_ends(tmp_path: Path, build: Build) -> None:
    missing = tmp_path / "missing.elf"
    with (
        pytest.raises(ToolError, match=r"emulator mps2-an386 ended with status 1.*missing.elf"),
        emulate("mps2-an386", missing) as process,
    ):
        AgentClient(Link(open_stream(process.port), "line", process.check_alive))


def test_a_part_runs_in_its_stand_in(tmp_path: Path) -> None:
    target = emulated(find_target("stm32f746ng"))
    assert (target.machine, target.ram_bytes) == ("mps2-an500", 320 * 1024)
    firmware = build_firmware(
        [FOLDER / "glue_plus_one.c"], [], target, tmp_path, optimize="size", stack_bytes=2048
    )
    with session(target, firmware, None) as client:
        assert client.hello.stack_bytes == 2048
        assert client.run(DATA) == plus_one(DATA, 1)[2].tobytes()


def test_a_board_without_emulator_needs_a_port(build: Build) -> None:
    firmware = build("plus_one", "nucleo_f446re")
    with (
        pytest.raises(InputError, match="nucleo_f446re: got no emulated machine"),
        session(firmware.target, firmware, None),
    ):
        pass


@pytest.mark.parametrize("name", ["mps2-an386", "mps2-an500", "mps3-an547", "stm32f746g_disco"])
def test_weights_in_external_flash(tmp_path: Path, name: str) -> None:
    target = emulated(find_target(name))
    source = FOLDER / "glue_external.c"
    firmware = build_firmware([source], [], target, tmp_path, optimize="size")
    assert firmware.sizes.external_bytes == 40_000
    assert firmware.bin.stat().st_size < 10_000
    with session(target, firmware, None) as client:
        assert client.run(b"\1") == bytes([1 + 5 + 7 + 11])


def test_external_flash_of_a_real_board_is_an_image_of_its_own(tmp_path: Path) -> None:
    source, board = FOLDER / "glue_external.c", find_target("stm32f746g_disco")
    firmware = build_firmware([source], [], board, tmp_path, optimize="size")
    assert firmware.external is not None and firmware.bin.stat().st_size < 10_000
    weights = firmware.external.read_bytes()
    assert (len(weights), weights[0], weights[20_000], weights[-1]) == (40_000, 5, 7, 11)
    images = {0x08000000: firmware.bin.read_bytes(), 0x90000000: weights}
    assert firmware.hex is not None
    assert intel_hex(firmware.hex.read_text()) == {
        start + i: byte for start, image in images.items() for i, byte in enumerate(image)
    }


def intel_hex(text: str) -> dict[int, int]:
    """Byte by address, of Intel's "Hexadecimal Object File Format Specification", revision A."""
    found: dict[int, int] = {}
    upper = 0
    lines = text.splitlines()
    for line in lines:
        count, high, low, kind, *data, check = bytes.fromhex(line.removeprefix(":"))
        assert len(data) == count
        assert (count + high + low + kind + sum(data) + check) % 256 == 0
        if kind == 0:
            start = upper + (high << 8 | low)
            found |= {start + i: byte for i, byte in enumerate(data)}
        elif kind == 4:
            upper = int.from_bytes(bytes(data)) << 16
    assert lines[-1] == ":00000001FF"
    return found


def test_external_flash_that_start_up_cannot_reach_is_refused(tmp_path: Path) -> None:
    source, target = FOLDER / "glue_external.c", find_target("stm32f746g_disco")
    assert target.board is not None
    bare = dataclasses.replace(target, board=dataclasses.replace(target.board, quadspi=None))
    with pytest.raises(InputError, match="got weights in external flash"):
        build_firmware([source], [], bare, tmp_path, optimize="size")


_ORPHAN = """
import os, sys
import subprocess
import sys
import time
from pathlib import Path
from netsuke.targets.emulator import emulate
with emulate("mps2-an386", Path(sys.argv[1])) as process:
    print(process.child.pid, flush=True)
    os._exit(1)
"""


def test_an_emulator_dies_with_its_parent(build: Build) -> None:
    command = [sys.executable, "-c", _ORPHAN, str(build("plus_one", "mps2-an386").elf)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    status = Path(f"/proc/{int(done.stdout)}/stat")
    deadline = time.monotonic() + 10
    while status.exists() and status.read_text().split()[2] != "Z":  # Z: dead, not yet reaped
        assert time.monotonic() < deadline


def test_too_many_layers_for_the_agent_is_refused(tmp_path: Path) -> None:
    firmware = build_firmware(
        [FOLDER / "glue_plus_one.c"],
        [],
        find_target("host"),
        tmp_path,
        optimize="size",
        defines={"NK_AGENT_LAYERS": "2u"},
    )
    with (
        pytest.raises(ToolError, match="more layers than the agent can count"),
        session(firmware.target, firmware, None) as client,
    ):
        client.run(DATA)


def test_wrong_model_and_wrong_input_size(build: Build) -> None:
    firmware = build("plus_one", "host")
    with session(firmware.target, firmware, None) as client:
        with pytest.raises(ToolError, match="got model aabbcc000000, want model 123456789abc"):
            client.require_model("123456789abcdef0" * 4)
        with pytest.raises(InputError, match="input: got 5 bytes, want 1200 bytes"):
            client.run(b"12345")


def test_agent_under_sanitizers(tmp_path: Path) -> None:
    """The agent on the host, ASan and UBSan on: an inference, a trace, a profile."""
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    firmware = build_firmware(
        [FOLDER / "glue_stream.c"], [], find_target("host"), tmp_path,
        optimize="size", extra_flags=flags,
    )  # fmt: skip
    with board_process("host firmware", [firmware.elf]) as process:
        client = AgentClient(Link(open_stream(process.port), "host", process.check_alive))
        client.trace(bytes(1200), {0: 60, 1: 1})
        client.run(bytes(1200), paint=True)
        assert client.profile().arena_watermark_bytes == 61
