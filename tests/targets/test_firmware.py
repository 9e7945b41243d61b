# SPDX-License-Identifier: Apache-2.0
"""Building: sizes, memories that overflow, equal bytes from equal sources, clean C."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

from netsuke.compiler.errors import AnswerNo, InputError, ToolError
from netsuke.targets.board import load_boards
from netsuke.targets.firmware import RUNTIME_C, build_firmware
from netsuke.targets.linker import read_map
from netsuke.targets.port_config import board_config, port_sources
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import must_run
from tests.targets.conftest import FOLDER, Build

GLUE = FOLDER / "glue_plus_one.c"


@pytest.mark.parametrize("board", [board.name for board in load_boards()])
def test_every_board_builds(build: Build, board: str) -> None:
    firmware = build("plus_one", board)
    sizes = firmware.sizes
    assert sizes.weights_bytes == 1200
    assert 2464 <= sizes.static_bytes <= 2480
    assert 300 <= sizes.code_bytes <= 1500
    assert 1000 <= sizes.agent_flash_bytes <= 5632
    assert 2000 <= sizes.agent_ram_bytes <= 5500
    flash, target = firmware.bin.read_bytes(), firmware.target
    assert target.ram is not None and target.flash is not None
    # The first two words: the stack's top, and the reset handler with the Thumb bit.
    assert int.from_bytes(flash[:4], "little") == target.ram.start + 4096
    reset = int.from_bytes(flash[4:8], "little")
    assert reset & 1 and target.flash.start < reset < target.flash.end


@pytest.mark.parametrize("target", ["mps2-an386", "netduinoplus2"])
def test_sizes_add_up_to_what_binutils_says(build: Build, target: str) -> None:
    """The linker's map, attributed to objects, against arm-none-eabi-size -A of the image."""
    firmware = build("plus_one", target)
    table = must_run("arm-none-eabi-size", ["-A", firmware.elf])
    by_section = dict(re.findall(r"^(\.\w+)\s+(\d+)", table, re.MULTILINE))
    parts = firmware.sizes.contributions
    for section in (".nk_vectors", ".text", ".nk_weights", ".rodata", ".bss"):
        total = sum(part.size_bytes for part in parts if part.output == section)
        assert total == int(by_section[section])


def test_the_map_of_a_long_name() -> None:
    text = """
Linker script and memory map

.text           0x08000040      0x158
 *(.text .text.*)
 .text.a_function_with_a_long_name
                0x08000040       0x48 obj/model_000_conv.o
                0x08000040                a_function_with_a_long_name
 *fill*         0x08000088        0x8
 .text          0x08000090      0x108 /usr/lib/libc.a(memcpy.o)

.nk_params_of_all_layers
                0x08000198       0x10
 .rodata.x      0x08000198       0x10 obj/agent_000_frame.o
"""
    assert [(p.output, p.section, p.object, p.size_bytes) for p in read_map(text)] == [
        (".text", ".text.a_function_with_a_long_name", "obj/model_000_conv.o", 0x48),
        (".text", "*fill*", "", 8),
        (".text", ".text", "/usr/lib/libc.a(memcpy.o)", 0x108),
        (".nk_params_of_all_layers", ".rodata.x", "obj/agent_000_frame.o", 0x10),
    ]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            "static volatile unsigned char big[140000];",
            r"RAM.* \(131072 bytes\) overflows by 2\d{4} bytes",
        ),
        (
            "static const volatile unsigned char big[600000] = {1};",
            "FLASH .524288 bytes. overflows by 8",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_memory_and_the_excess(
    tmp_path: Path, array: str, message: str
) -> None:
    source = tmp_path / "glue.c"
    use = "unsigned char nk_test_use(unsigned i) { return big[i]; }\n"
    keep = "__attribute__((used)) unsigned char (*volatile nk_keep)(unsigned) = nk_test_use;\n"
    source.write_text(f'#include "{GLUE}"\n{array}\n{use}{keep}')
    with pytest.raises(AnswerNo, match=f"firmware does not fit nucleo_f446re: .*{message}"):
        build_firmware(
            [source], [], find_target("nucleo_f446re"), tmp_path / "out",
            optimize="size", extra_flags=["-Wl,-u,nk_keep"],
        )  # fmt: skip


def test_equal_sources_give_equal_bytes(tmp_path: Path) -> None:
    images = []
    for name in ("a", "b/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        source = folder / "glue.c"
        source.write_text(GLUE.read_text())
        firmware = build_firmware(
            [source], [folder], find_target("netduinoplus2"), folder / "out", optimize="speed"
        )
        images.append((firmware.elf.read_bytes(), firmware.bin.read_bytes()))
    assert images[0] == images[1]
    assert str(tmp_path).encode() not in images[0][0]


def test_a_broken_source_is_one_line(tmp_path: Path) -> None:
    source = tmp_path / "broken.c"
    source.write_text("int x = ;\n")
    with pytest.raises(ToolError, match=r"arm-none-eabi-gcc: got .*broken.c:1:9: error: expected"):
        build_firmware([source], [], find_target("mps2-an386"), tmp_path / "o", optimize="size")


def test_without_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"gcc is not installed .hint: apt-get install gcc-arm"):
        build_firmware([GLUE], [], find_target("mps2-an386"), tmp_path / "o", optimize="size")


def test_a_part_without_a_serial_line(tmp_path: Path) -> None:
    target = dataclasses.replace(find_target("stm32f746ng"), board=None)
    with pytest.raises(InputError, match="stm32f746ng: got a part whose serial line is not known"):
        build_firmware([GLUE], [], target, tmp_path / "o", optimize="size")


@pytest.mark.parametrize(
    ("board", "lines"),
    [
        # 45 MHz / 115200 = 390.6; AFRL of port A: 7 for pins 2 and 3; MODER: mode 2.
        ("nucleo_f446re", ["180000000u, 0x00000187u}, /* bypass",
                           "16000000u, 0x0000008Bu}, /* reset",
                           "0x40020020u, 0x00000F00u, 0x00000700u",
                           "0x40020020u, 0x0000F000u, 0x00007000u",
                           "0x40020000u, 0x00000030u, 0x00000020u",
                           "define NK_USART_DIVIDER 0x40004408u",
                           "define NK_USART_CONTROL 0x4000440Cu",
                           "define NK_USART_ON 0x0000202Cu",
                           "define NK_USART_STATUS 0x40004400u"]),
        # 120 MHz / 115200 = 1041.7; AFRH of port D (0x58020C00): pins 8 and 9.
        ("nucleo_h743zi2", ["480000000u, 0x00000412u}, /* bypass",
                            "define NK_USART_DIVIDER 0x4000480Cu",
                            "0x58020C24u, 0x0000000Fu, 0x00000007u",
                            "0x58020C24u, 0x000000F0u, 0x00000070u",
                            "define NK_USART_STATUS 0x4000481Cu"]),
        # 256 x 120 MHz / 115200 = 266666.7
        ("nucleo_l4r5zi", ["120000000u, 0x000411ABu}, /* internal",
                           "0x40007004u, 0x00000000u, 0x00000200u"]),
        # 256 x 170 MHz / 115200 = 377777.8; AFRL of port A: 12 for pins 2 and 3.
        ("nucleo_g474re", ["170000000u, 0x0005C3B2u}, /* crystal",
                           "0x4002105Cu, 0x00000000u, 0x00000001u",
                           "0x48000020u, 0x00000F00u, 0x00000C00u"]),
        # The H7A3 has its clock enables elsewhere than the H743: CMSIS stm32h7a3xxq.h.
        ("nucleo_h7a3zi", ["0x58024540u, 0x00000000u, 0x00000008u",
                           "0x58024548u, 0x00000000u, 0x00040000u"]),
        # 160 MHz / 115200 = 1388.9; AFRH of port A: 7 for pins 9 and 10.
        ("nucleo_u575zi_q", ["160000000u, 0x0000056Du}, /* internal",
                             "0x46020CA4u, 0x00000000u, 0x00004000u",
                             "0x46020C8Cu, 0x00000000u, 0x00000001u",
                             "0x42020024u, 0x000000F0u, 0x00000070u",
                             "0x42020000u, 0x000C0000u, 0x00080000u"]),
    ],
)  # fmt: skip
def test_start_up_registers(board: str, lines: list[str]) -> None:
    text = board_config(find_target(board))
    for line in lines:
        assert line in text


WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wvla"]


@pytest.mark.parametrize(
    "target",
    ["host", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", "netduinoplus2",
     "stm32f746g_disco", "nucleo_u575zi_q", "stm32f103rb"],
)  # fmt: skip
def test_c_is_clean(build: Build, target: str) -> None:
    firmware = build("plus_one", target)
    sources = [*RUNTIME_C.glob("agent/*.c"), *FOLDER.glob("glue_*.c")]
    sources += [RUNTIME_C / "port" / name for name in port_sources(firmware.target)]
    include = [
        RUNTIME_C / "include",
        RUNTIME_C / "agent",
        RUNTIME_C / "port/arm",
        firmware.elf.parent,
    ]
    compilers = [["gcc", "-D_POSIX_C_SOURCE=200809L"], ["clang", "-D_POSIX_C_SOURCE=200809L"]]
    if target != "host":
        library = must_run("arm-none-eabi-gcc", ["-print-file-name=libc.a"]).strip()
        newlib = str(Path(library).resolve().parents[1] / "include")
        armv8m = firmware.target.core in ("cortex-m33", "cortex-m55")
        triple = "thumbv8m.main-none-eabi" if armv8m else "thumbv7em-none-eabi"
        compilers = [
            ["arm-none-eabi-gcc", *firmware.target.gcc_flags],
            ["clang", f"--target={triple}", "-ffreestanding", "-isystem", newlib],
        ]
    for compiler in compilers:
        command = [
            *compiler,
            *WARNINGS,
            "-Werror",
            "-O2",
            *(f"-I{path}" for path in include),
            "-fsyntax-only",
        ]
        done = subprocess.run([*command, *sources], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
