# SPDX-License-Identifier: Apache-2.0
"""Ports on a vendor's HAL and on an RTOS: built as their READMEs say, run, asked over serial."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.targets.emulator import emulate
from netsuke.targets.firmware import RUNTIME_C
from netsuke.targets.link import Link, open_stream
from netsuke.targets.linker import linker_script
from netsuke.targets.session import AgentClient
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import must_run
from tests.targets.conftest import FOLDER, plus_one
from tests.targets.test_session import DATA

EXAMPLES = Path(__file__).parents[2] / "firmware_examples"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wvla", "-Werror"]
# What such projects have of their own: start-up code and a linker script. Here they are netsuke's.
START = ["startup", "guard_mpu", "memory_flat"]


def build(example: str, out: Path) -> Path:
    target = find_target("netduinoplus2")
    (out / "linker.ld").write_text(linker_script(target, 4096))
    folder = EXAMPLES / example
    sources = [*folder.glob("*.c"), *folder.glob("stand_in/*.c"), FOLDER / "glue_plus_one.c"]
    sources += [p for p in RUNTIME_C.glob("agent/*.c") if p.name != "main.c"]
    sources += [RUNTIME_C / f"port/arm/{name}.c" for name in START]
    include = [folder, folder / "stand_in", RUNTIME_C / "include", RUNTIME_C / "agent"]
    include.append(RUNTIME_C / "port/arm")
    flags = [*target.gcc_flags, "-std=c99", "-Os", *WARNINGS, *(f"-I{path}" for path in include)]
    link = ["-nostartfiles", "--specs=nano.specs", "-T", "linker.ld", "-o", "example.elf"]
    must_run("arm-none-eabi-gcc", [*flags, *sources, *link], out)
    return out / "example.elf"


@pytest.mark.parametrize("example", ["port_cubeide", "port_freertos"])
def test_a_port_of_four_functions_runs_a_model(tmp_path: Path, example: str) -> None:
    with emulate("netduinoplus2", build(example, tmp_path)) as process:
        link = Link(open_stream(process.port), example, process.check_alive)
        client = AgentClient(link)
        assert client.run(DATA) == plus_one(DATA, 1)[2].tobytes()
        # The agent's own description: cycles, a stack that is not ours, a clock nobody named.
        hello = client.hello
        assert (hello.unit, hello.stack_bytes, hello.clock_hz) == ("cycles", 0, 0)
        link.close()
