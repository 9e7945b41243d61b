# SPDX-License-Identifier: Apache-2.0
"""Linker scripts, what the linker's map says, and its complaints in one line."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from netsuke.compiler.errors import AnswerNo, InputError
from netsuke.targets.device import Memory
from netsuke.targets.target import Target
from netsuke.targets.template import render

_REGIONS = {"flash": ("FLASH", "rx"), "ram": ("RAM", "rwx"), "external": ("EXTERNAL", "r")}


@dataclass(frozen=True, slots=True)
class Region:
    """One line of the script's MEMORY command; `start` in C notation."""

    name: str
    access: str
    start: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """Bytes that one input section of one object file has in one output section."""

    output: str
    section: str
    object: str
    size_bytes: int


def linker_script(target: Target, stack_bytes: int) -> str:
    """Return the script that fills the target's flash and RAM; the stack has a fixed size."""
    if target.flash is None or target.ram is None:
        raise InputError(target.name, "no flash or no RAM", "a part with both")
    memories = [target.flash, target.ram] + ([target.external] if target.external else [])
    return render(
        "linker.ld.j2",
        title=target.title,
        regions=[
            *(_region(memory) for memory in memories),
            *(dataclasses.replace(_region(m), name=m.name) for m in target.more_ram),
        ],
        more_ram=target.more_ram,
        external=target.external is not None,
        stack_bytes=stack_bytes,
    )


def _region(memory: Memory) -> Region:
    name, access = _REGIONS[memory.kind]
    return Region(name, access, f"0x{memory.start:08X}", memory.size_bytes)


def overflow(target: Target, linker_errors: str) -> AnswerNo | None:
    """Return the linker's complaint about full memories as one error, None where it has none."""
    full = re.findall(r"region `(\w+)' overflowed by (\d+) bytes", linker_errors)
    if not full:
        return None
    by_region = {
        _REGIONS[memory.kind][0]: memory
        for memory in (target.flash, target.ram, target.external)
        if memory
    } | {memory.name: memory for memory in target.more_ram}
    parts = [
        f"{by_region[region].name} ({by_region[region].size_bytes} bytes) overflows by {excess}"
        for region, excess in full
    ]
    return AnswerNo(
        f"firmware does not fit {target.name}: {', '.join(parts)} bytes",
        hint="build for size, a smaller model or a target with more memory",
    )


# ".text.nk_conv   0x00000000000001c0       0x48 obj/000_conv.o"; the name may stand on the line
# before when it is long.
_INPUT_SECTION = re.compile(
    r"^ (?P<section>[.\w]\S*|\*fill\*)\s+0x[0-9a-f]+\s+0x(?P<size>[0-9a-f]+)"
    r"(?: (?P<object>\S.*))?\s*$"
)
_OUTPUT_SECTION = re.compile(r"^(?P<name>[.\w]\S*)(?:\s+0x[0-9a-f]+\s+0x[0-9a-f]+.*)?$")


def read_map(text: str) -> tuple[Contribution, ...]:
    """Return everything the map lists with a size, fills (alignment) included, in its order."""
    found = []
    output = ""
    body = text.split("Linker script and memory map", 1)[-1]
    body = re.sub(r"^( ?[.\w]\S*)\n +0x", r"\1 0x", body, flags=re.MULTILINE)
    for line in body.splitlines():
        if match := _INPUT_SECTION.match(line):
            size = int(match["size"], 16)
            if size and output:
                found.append(Contribution(output, match["section"], match["object"] or "", size))
        elif match := _OUTPUT_SECTION.match(line):
            output = match["name"]
    return tuple(found)
