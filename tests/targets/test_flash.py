# SPDX-License-Identifier: Apache-2.0
"""Flashing: sectors as the reference manuals have them, and every way the serial flow can break."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from netsuke.cli import main
from netsuke.compiler.errors import InputError, NetsukeError, ToolError
from netsuke.targets.agent import AgentClient
from netsuke.targets.board import load_boards
from netsuke.targets.device import Memory
from netsuke.targets.flash.bootloader import Bootloader
from netsuke.targets.flash.command import flash_directory
from netsuke.targets.flash.parts import FlashPart, flash_part, sectors_of
from netsuke.targets.flash.tools import openocd_commands
from netsuke.targets.link import Link, open_stream
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import run_tool
from tests.support.small_models import Net
from tests.targets.conftest import Build
from tests.targets.fake_bootloader import Chip, plugged_in

KIB = 1024
F446_ID, F405_ID = 0x421, 0x413  # AN2606, "Bootloader device-dependent parameters"
F446_SECTORS = [16 * KIB] * 4 + [64 * KIB] + [128 * KIB] * 3  # RM0390
F405_SECTORS = [16 * KIB] * 4 + [64 * KIB] + [128 * KIB] * 7  # RM0090

Directory = Callable[..., Path]


def part(name: str) -> FlashPart:
    flash = find_target(name).flash
    assert flash is not None
    return flash_part(name, flash)


@pytest.mark.parametrize(
    ("name", "count", "number", "start", "kib"),
    [
        ("stm32f401re", 8, 5, 0x08020000, 128),  # RM0368
        ("stm32f446re", 8, 7, 0x08060000, 128),  # RM0390
        ("stm32f413zh", 16, 15, 0x08160000, 128),  # RM0430
        ("stm32f429zi", 24, 12, 0x08100000, 16),  # RM0090
        ("stm32f746ng", 8, 4, 0x08020000, 128),  # RM0385
        ("stm32f767zi", 12, 5, 0x08040000, 256),  # RM0410
        ("stm32f722ze", 8, 4, 0x08010000, 64),  # RM0431
        ("stm32h743zi", 16, 8, 0x08100000, 128),  # RM0433
        ("stm32h7a3zi", 256, 128, 0x08100000, 8),  # RM0455
        ("stm32l476rg", 512, 511, 0x080FF800, 2),  # RM0351
        ("stm32l4r5zi", 512, 256, 0x08100000, 4),  # RM0432
        ("stm32g474re", 256, 255, 0x0807F800, 2),  # RM0440
        ("stm32u575zi", 256, 128, 0x08100000, 8),  # RM0456
        ("stm32f103c8", 64, 63, 0x0800FC00, 1),  # RM0008 and PM0075
        ("stm32f103ze", 256, 1, 0x08000800, 2),
        ("stm32f303re", 256, 255, 0x0807F800, 2),  # RM0316
        ("stm32l552ze", 256, 128, 0x08040000, 2),  # RM0438
        ("stm32wb55rg", 256, 255, 0x080FF000, 4),  # RM0434
        ("stm32wle5jc", 128, 127, 0x0803F800, 2),  # RM0461
    ],
)
def test_sectors(name: str, count: int, number: int, start: int, kib: int) -> None:
    sectors = part(name).sectors
    assert len(sectors) == count
    found = sectors[number]
    assert (found.number, found.start, found.size_bytes) == (number, start, kib * KIB)
    assert all(a.end == b.start for a, b in itertools.pairwise(sectors))
    assert sectors[-1].end == part(name).flash.end


def test_sectors_of_an_image() -> None:
    f446 = part("stm32f446re")
    numbers = [
        [s.number for s in sectors_of(f446, 0x08000000, size)]
        for size in (1, 16 * KIB, 16 * KIB + 1, 64 * KIB + 1, 512 * KIB)
    ]
    assert numbers == [[0], [0], [0, 1], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7]]


def test_every_board_can_be_flashed() -> None:
    scripts = Path("/usr/share/openocd/scripts/target")
    for board in load_boards():
        if board.part:
            found = part(board.part)
            assert not scripts.is_dir() or (scripts / f"{found.openocd}.cfg").is_file()


def test_a_family_that_is_not_described() -> None:
    with pytest.raises(InputError, match="stm32l152re: got a family whose flash is not described"):
        flash_part("stm32l152re", Memory("FLASH", "flash", 0x08000000, 512 * KIB))


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    """Return a function that makes what compile leaves, of what flashing reads."""

    def make(image: bytes = bytes(range(256)) * 4, target: str = "nucleo_f446re") -> Path:
        (tmp_path / "firmware").mkdir()
        (tmp_path / "firmware/firmware.bin").write_bytes(image)
        (tmp_path / "report.json").write_text(json.dumps({"target": {"name": target}}))
        return tmp_path

    return make


def f446(**faults: Any) -> Chip:
    return Chip(**{"product_id": F446_ID, "sectors": F446_SECTORS, **faults})


def flash(folder: Path, port: str, target: str = "nucleo_f446re") -> Any:
    return flash_directory(folder, find_target(target), None, port, lambda message: None)


def test_only_what_is_written_is_erased(directory: Directory) -> None:
    image = np.random.default_rng(1).integers(0, 256, 40_001, np.uint8).tobytes()
    chip = f446()
    with plugged_in(chip) as port:
        done = flash(directory(image), port)
    assert (done.bytes_verified, done.sectors_erased) == (40_001, (0, 1, 2))
    assert (done.product_id, done.bootloader) == (F446_ID, "3.1")
    assert chip.flash[:40_001] == image
    assert set(chip.flash[40_001 : 48 * KIB]) == {0xFF}
    assert set(chip.flash[48 * KIB :]) == {0x5A}
    assert chip.started_at == 0x08000000


def test_many_sectors(directory: Directory) -> None:
    """More pages than one erase command is asked for, on a part of small pages."""
    image = np.random.default_rng(2).integers(0, 256, 90_000, np.uint8).tobytes()
    chip = Chip(product_id=0x415, sectors=[2 * KIB] * 512)
    with plugged_in(chip) as port:
        flash(directory(image, "nucleo_l476rg"), port, "nucleo_l476rg")
    assert chip.erased == list(range(44))
    assert chip.flash[:90_000] == image


@pytest.mark.parametrize(
    ("chip", "error", "message", "erased"),
    [
        (f446(product_id=0x431), InputError,
         "target: got a board whose part has product id 0x431, want 0x421 .stm32f446re.", []),
        (f446(protected=True), ToolError, "read-out protected .*never unlocks", []),
        (f446(commands=bytes([0x00, 0x02, 0x11, 0x21, 0x31, 0x43])), ToolError,
         "a bootloader without EXTENDED ERASE", []),
        (f446(refuse=0x44), ToolError, "EXTENDED ERASE: the bootloader refused the command", []),
        (f446(refuse=0x31), ToolError, "WRITE MEMORY: the bootloader refused", [0]),
        (f446(refuse=0x21), ToolError, "GO: the bootloader refused", [0]),
        (f446(stuck=0x08000102), ToolError,
         "flash at 0x08000102: got 0xFF after writing, want 0x02", [0]),
        (f446(mute_after=0), ToolError, "no answer of a bootloader .hint: BOOT0 high", []),
        (f446(mute_after=2), ToolError, "went silent .0 of 1 bytes in 2 s.", []),
        (f446(mute_after=60), ToolError, "went silent", [0]),
        (f446(unplug_after=4), ToolError, "it closed .*was the cable pulled", []),
        (f446(unplug_after=60), ToolError, "it closed .*was the cable pulled", [0]),
    ],
)  # fmt: skip
def test_broken_flows_end_in_one_line_and_can_be_repeated(
    directory: Directory, chip: Chip, error: type[NetsukeError], message: str, erased: list[int]
) -> None:
    folder = directory()
    began = time.monotonic()
    with plugged_in(chip) as port, pytest.raises(error, match=message) as caught:
        flash(folder, port)
    assert "\n" not in str(caught.value) and time.monotonic() - began < 5
    assert chip.erased == erased and chip.started_at is None
    whole = f446()
    whole.flash = chip.flash
    with plugged_in(whole) as port:
        assert flash(folder, port).bytes_verified == 1024
    assert whole.flash[:1024] == bytes(range(256)) * 4


@pytest.mark.parametrize("direction", ["flip_received", "flip_sent"])
def test_a_flipped_bit_anywhere_is_never_taken_for_success(
    directory: Directory, direction: str
) -> None:
    """64 bytes take 110 bytes there and 97 back: a bit of each eleventh is flipped in turn."""
    folder = directory(bytes(range(64)))
    outcomes = []
    for number in range(0, 110, 11):
        chip = f446(**{direction: number})
        with plugged_in(chip) as port:
            try:
                flash(folder, port)
            except NetsukeError as error:
                outcomes.append(str(error))
            else:
                outcomes.append("")
                assert chip.flash[:64] == bytes(range(64)) and chip.started_at == 0x08000000
        assert chip.flash[16 * KIB :] == b"\x5a" * (496 * KIB)
    assert sum(1 for outcome in outcomes if outcome) >= 7


def test_a_bootloader_that_was_synchronized_before(directory: Directory) -> None:
    """Another session ended in the middle of it: its first byte is then half a command."""
    folder = directory()
    chip = f446()
    with plugged_in(chip) as port:
        for _ in range(2):
            stream = open_stream(port, even_parity=True)
            assert Bootloader(stream, port).connect().product_id == F446_ID
            stream.close()
        assert flash(folder, port).bytes_verified == 1024


@pytest.mark.parametrize(
    ("target", "probe", "port", "message"),
    [
        ("nucleo_f411re", "uart", "p", "got firmware for nucleo_f446re, want nucleo_f411re"),
        ("mps2-an386", "uart", "p", "mps2-an386: got a machine without a part to flash"),
        ("host", None, None, "host: got a machine without a part"),
        ("nucleo_f446re", "uart", None, "--probe uart: got no port, want --port URL"),
        ("nucleo_f446re", "swd", "p", "--port: got a port with --probe swd"),
    ],
)
def test_usage(directory: Directory, target: str, probe: Any, port: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        flash_directory(directory(), find_target(target), probe, port, lambda text: None)


def test_directories_that_cannot_be_flashed(directory: Directory, tmp_path: Path) -> None:
    board = find_target("nucleo_f446re")
    with pytest.raises(InputError, match=r"no report\.json .No such file"):
        flash_directory(tmp_path, board, "swd", None, lambda text: None)
    folder = directory(b"")
    with pytest.raises(InputError, match=r"firmware\.bin: got 0 bytes, want 1 to 524288"):
        flash_directory(folder, board, "swd", None, lambda text: None)
    (folder / "firmware/firmware.bin").unlink()
    with pytest.raises(InputError, match=r"no firmware/firmware\.bin"):
        flash_directory(folder, board, "swd", None, lambda text: None)
    (folder / "report.json").write_text("[]")
    with pytest.raises(InputError, match="got another file's text"):
        flash_directory(folder, board, "swd", None, lambda text: None)


@pytest.mark.parametrize("probe", ["swd", "dfu"])
def test_tools_that_are_missing_or_find_no_board(
    directory: Directory, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, board = directory(), find_target("nucleo_f446re")
    tool, failure = {
        "swd": ("openocd", "openocd: got open failed"),
        "dfu": ("dfu-util", "dfu-util: got dfu-util: (No DFU capable|Cannot open)"),
    }[probe]
    if shutil.which(tool):  # where no board is connected, as on machines that test
        with pytest.raises(ToolError, match=failure):
            flash_directory(folder, board, probe, None, lambda text: None)
    monkeypatch.setenv("PATH", os.fspath(folder))
    with pytest.raises(ToolError, match=f"{tool} is not installed .hint: apt-get install {tool}"):
        flash_directory(folder, board, probe, None, lambda text: None)


_TOOL = """#!/bin/sh
echo "$@" >>{log}
for last; do :; done
case "$*" in *-U*) printf '{reads}' >"$last";; esac
"""


@pytest.mark.parametrize(
    ("tool", "probe", "reads", "calls"),
    [
        ("openocd", "swd", "", ["-f interface/stlink.cfg -f target/stm32f4x.cfg "
                                "-c init; reset halt -c set id [expr {"]),
        ("dfu-util", "dfu", "abcd", ["-d 0483:df11 -a 0 -s 0x08000000 -D ",
                                     "-d 0483:df11 -a 0 -s 0x08000000:4:leave -U "]),
        ("dfu-util", "dfu", "abXd", []),
    ],
)  # fmt: skip
def test_what_tools_are_asked(
    directory: Directory, tool: str, probe: Any, reads: str, calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = directory(b"abcd")
    log, program = folder / "calls", folder / tool
    program.write_text(_TOOL.format(log=log, reads=reads))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(folder), prepend=os.pathsep)
    board = find_target("nucleo_f446re")
    if not calls:
        with pytest.raises(ToolError, match="got other bytes than were written"):
            flash_directory(folder, board, probe, None, lambda text: None)
        return
    assert flash_directory(folder, board, probe, None, lambda text: None).bytes_verified == 4
    said = log.read_text().splitlines()
    assert len(said) == len(calls)
    assert all(line.startswith(call) for line, call in zip(said, calls, strict=True))


@pytest.mark.skipif(not shutil.which("openocd"), reason="openocd is not installed")
@pytest.mark.parametrize(("idcode", "said"), [("0x10006421", "wrote"), ("0x10006431", "other")])
def test_openocd_understands_what_it_is_asked(idcode: str, said: str) -> None:
    """The real openocd's Tcl, with what needs a probe replaced: the id, and programming."""
    stubs = "proc init {} {}; proc reset {mode} {}; "
    stubs += f"proc read_memory {{address width count}} {{return {idcode}}}"
    program = "proc program {args} {echo wrote; echo $args; shutdown}"
    commands = openocd_commands("firmware.bin", part("stm32f446re"))
    done = run_tool("openocd", ["-c", stubs, "-c", program, *commands], timeout_s=20)
    assert ("wrote" in done.stderr) == (said == "wrote") == (done.returncode == 0)
    assert ("firmware.bin verify reset exit 0x08000000" in done.stderr) == (said == "wrote")
    assert ("other product id 0x431" in done.stderr) == (said == "other")


def test_a_probe_that_finds_another_part(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = directory()
    program = folder / "openocd"
    program.write_text("#!/bin/sh\necho other product id 0x431 >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(folder), prepend=os.pathsep)
    with pytest.raises(InputError, match=r"product id 0x431, want 0x421 \(stm32f446re\)"):
        flash_directory(folder, find_target("nucleo_f446re"), "swd", None, lambda text: None)


def test_where_parts_keep_their_id() -> None:
    """DBGMCU_BASE of ST's headers stm32f446xx.h, stm32h747xx.h, stm32h7a3xxq.h, stm32u575xx.h."""
    names = ("stm32f446re", "stm32h747xi", "stm32h7a3zi", "stm32u575zi")
    registers = [part(name).id_register for name in names]
    assert registers == [0xE0042000, 0x5C001000, 0x5C001000, 0xE0044000]


@pytest.mark.parametrize(
    ("target", "chip"),
    [
        ("netduinoplus2", Chip(F405_ID, F405_SECTORS, machine="netduinoplus2")),
        # Firmware of the F446, whose USART2 the emulated F405 has at the same address.
        ("nucleo_f446re", Chip(F446_ID, F446_SECTORS, machine="netduinoplus2", usart=2)),
    ],
)
def test_from_model_to_profile_on_one_port(tmp_path: Path, target: str, chip: Chip) -> None:
    """compile, flash, validate and profile as a user calls them, no hardware."""
    net = Net(3)
    image = net.tensor((1, 8, 8, 4))
    out = net.op(
        "CONV_2D",
        [image, net.weights((6, 3, 3, 4), 0), net.bias(6)],
        (1, 8, 8, 6),
        {"padding": "SAME", "stride_w": 1, "stride_h": 1},
    )
    model = tmp_path / "small.tflite"
    model.write_bytes(net.build([image], [out]))

    def netsuke(*arguments: object) -> Any:
        done = CliRunner().invoke(main, [*map(str, arguments), "-t", target, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    netsuke("compile", model, "-o", tmp_path / "out", "--firmware")
    with plugged_in(chip) as port:
        flashed = netsuke("flash", tmp_path / "out", "--probe", "uart", "--port", port)
        assert (flashed["probe"], flashed["product_id"]) == ("uart", chip.product_id)
        assert flashed["sectors_erased"] == chip.erased
        checked = netsuke("validate", model, "--port", port, "-n", 2)
        assert (checked["bytes_compared"], checked["bytes_mismatched"]) == (2 * 8 * 8 * 6, 0)
        profile = netsuke("profile", model, "--port", port)
        assert profile["unit"] == "instructions" and profile["total"] > 8 * 8 * 6 * 36 / 4
    size = (tmp_path / "out/firmware/firmware.bin").stat().st_size
    assert flashed["bytes_verified"] == size
    assert set(chip.flash[sum(chip.sectors[: len(chip.erased)]) :]) == {0x5A}


def test_exit_statuses(directory: Directory) -> None:
    folder = directory()
    command = ["flash", str(folder), "-t", "nucleo_f446re", "--port"]
    for chip, status in ((f446(product_id=0x431), 2), (f446(protected=True), 3), (f446(), 0)):
        with plugged_in(chip) as port:
            done = CliRunner().invoke(main, [*command, port])
        assert done.exit_code == status
        assert len(done.stderr.splitlines()) >= 1 and "Traceback" not in done.stderr
    assert CliRunner().invoke(main, [*command, "/nowhere"]).exit_code == 3
    assert (
        CliRunner().invoke(main, ["flash", str(folder / "no"), "-t", "nucleo_f446re"]).exit_code
        == 2
    )


def test_an_agent_is_no_bootloader(build: Build, directory: Directory) -> None:
    """Flashing a board that runs its program: no answer, and the program is not disturbed."""
    chip = f446(machine="netduinoplus2", usart=2)
    folder = directory(build("plus_one", "nucleo_f446re").bin.read_bytes())
    with plugged_in(chip) as port:
        flash(folder, port)
        with pytest.raises(ToolError, match="no answer of a bootloader"):
            flash(folder, port)
        link = Link(open_stream(port), port, lambda wait_s: None)
        assert AgentClient(link).hello.layers == 3
        link.close()
