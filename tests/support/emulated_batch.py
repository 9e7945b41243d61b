# SPDX-License-Identifier: Apache-2.0
"""Many generated models in one firmware for an emulated Cortex-M4 that compares by itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from netsuke.codegen.literals import array_text
from netsuke.codegen.lower import Origin, lower
from netsuke.codegen.render import render
from netsuke.compiler.ir import Array
from netsuke.compiler.planning import Planned
from netsuke.targets.emulator import emulate
from netsuke.targets.firmware import build_firmware
from netsuke.targets.link import open_stream
from netsuke.targets.target import find_target
from tests.support.host import ROOT
from tests.support.host_batch import GLUE

Job = tuple[Planned, Array, Array]
"""A plan, the bytes of all its inputs, and those that all its outputs must have."""

TIMEOUT_S = 300

UNIT = """\
{renames}
#include <string.h>
#include "net{i}.c"
#include "net{i}_weights.c"
#include "net{i}_glue.c"
static const uint8_t given_{i}[] = {{
{given}
}};
static const uint8_t wanted_{i}[] = {{
{wanted}
}};
int32_t mismatches_{i}(void);
int32_t mismatches_{i}(void)
{{
    int32_t count = 0;
    memset(nk_model_arena(), 0xA5, nk_model.arena_bytes);
    nk_model_init();
    nk_model_write_input(0, given_{i}, sizeof given_{i});
    nk_model_invoke();
    for (uint32_t n = 0; n < sizeof wanted_{i}; n++) {{
        uint8_t byte;
        nk_model_read_output(n, &byte, 1);
        count += byte != wanted_{i}[n];
    }}
    return count;
}}
"""

MAIN = """\
#include "netsuke/port.h"
{declarations}
int main(void)
{{
    int32_t (*const models[])(void) = {{{names}}};
    nk_port_init();
    for (uint32_t i = 0; i < sizeof models / sizeof models[0]; i++) {{
        const int32_t count = models[i]();
        nk_port_write((const uint8_t *)&count, sizeof count);
    }}
    for (;;) {{
    }}
}}
"""


def emulated_mismatches(jobs: Sequence[Job], directory: Path) -> list[int]:
    """For each job the bytes of its output that differ."""
    target = find_target("mps2-an386")
    units, sources = [], set()
    for i, (planned, given, wanted) in enumerate(jobs):
        model = lower(planned, Origin(f"net{i}", "00" * 32, frozenset()), "shared", observed=False)
        for name, text in render(model).items():
            (directory / name).write_text(text)
        sources.update(ROOT / "runtime_c/src" / source for source in model.kernel_sources)
        units.append(directory / f"unit{i}.c")
        renames = "\n".join(f"#define nk_model{end} nk_model{end}_{i}" for end in GLUE)
        arrays = {"given": array_text(given.view("u1")), "wanted": array_text(wanted.view("u1"))}
        units[-1].write_text(UNIT.format(i=i, renames=renames, **arrays))
    main, names = directory / "main.c", [f"mismatches_{i}" for i in range(len(jobs))]
    declarations = "\n".join(f"int32_t {name}(void);" for name in names)
    main.write_text(MAIN.format(declarations=declarations, names=", ".join(names)))
    includes = [directory, ROOT / "runtime_c/include", ROOT / "runtime_c/src"]
    firmware = build_firmware(
        [*units, *sorted(sources)],
        includes,
        target,
        directory / "firmware",
        optimize="size",
        program=main,
    )
    with emulate(target.machine or "", firmware.elf) as process:
        stream = open_stream(process.port)
        try:
            data, end = b"", time.monotonic() + TIMEOUT_S
            while len(data) < 4 * len(jobs) and time.monotonic() < end:
                data += stream.read(4 * len(jobs) - len(data))
        finally:
            stream.close()
    assert len(data) == 4 * len(jobs), f"{len(data) // 4} of {len(jobs)} models answered"
    return [int.from_bytes(data[n : n + 4], "little") for n in range(0, len(data), 4)]
