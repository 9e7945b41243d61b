# SPDX-License-Identifier: Apache-2.0
"""An estimate of Cortex-M4 cycles from the instructions that an emulator executes.

It is an estimate: good for comparing two programs, not for quoting milliseconds. Code and data
have zero wait states, no bus is shared. The rules are those of the Cortex-M4 Technical Reference
Manual (DDI 0439), table 3-1 and section 3.3.2 (load/store timings); where it gives a range or is
silent, the choice is named:

- Every instruction takes one cycle, multiplications and SIMD included, if nothing else is said.
- A taken branch, however it is written, takes P = 2 more for the pipeline refill. The manual says
  1 to 3, depending on the target's alignment and width and on speculation.
- LDR, LDRB and so on: 2. STR: 2, but 1 with an immediate offset and no write-back.
- A load or store that follows a load takes one cycle less (not less than one), when the address
  does not come from that load. Nothing pipelines after a store. The manual is silent about
  write-back ([r0], #4 and [r0, #4]!): taken not to pipeline, and to cost a store its second cycle.
- LDRD, STRD: 3. LDM, STM, PUSH, POP of N registers: 1 + N. TBB, TBH: 2, and P.
- One cycle more for a load or store whose address the data operation just before has computed.
- SDIV, UDIV: 12, the most they take (2 to 12). MRS, MSR: 2 (1 or 2).
- Registers of the floating-point unit that hold integers (table 7-1): VMOV 1, of two words 2;
  VLDR, VSTR: 1 and one a word; VLDM, VSTM, VPUSH, VPOP: the same. No arithmetic.

Not counted: unaligned accesses (one more, or two), fetches that a literal load delays, IT
folded into its neighbour (one less). An instruction whose condition fails counts in full.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from netsuke.compiler.errors import ToolError
from netsuke.targets.toolchain import must_run

REFILL = 2
"""P, the cycles that a taken branch takes besides its own."""

_CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
_SINGLE = re.compile(f"(ldr|str)(?:sb|sh|b|h|ex|exb|exh)?t?{_CONDITION}")
_DOUBLE = re.compile(f"(?:ldrd|strd){_CONDITION}")
_MULTIPLE = re.compile(f"(?:ldm|stm|push|pop)(?:ia|db)?{_CONDITION}")
_FIXED = (
    (re.compile(f"(?:udiv|sdiv){_CONDITION}"), 12),
    (re.compile(f"(?:mrs|msr){_CONDITION}"), 2),
    (re.compile("tbb|tbh"), 2),
)
_FLOAT_MEMORY = re.compile(f"v(?:ldr|str|push|pop|ldm|stm)(?:ia|db)?{_CONDITION}")
_FLOAT_MOVE = re.compile(f"vmov{_CONDITION}")
_NO_RESULT = re.compile(f"(?:cmp|cmn|tst|teq|b|bl|bx|blx|cbz|cbnz|it[te]*|nop){_CONDITION}")
_TWO_RESULTS = re.compile(f"[us](?:mull|mlal|maal|mlald|mlaldx|mlsld|mlsldx)s?{_CONDITION}")
_LINE = re.compile(r"\s*([0-9a-f]+):\t(\S+)(?:\t([^;@]*))?")
_LABEL = re.compile(r"([0-9a-f]+) <(.+)>:")
_NAMES = {"sb": "r9", "sl": "r10", "fp": "r11", "ip": "r12", "r13": "sp", "r14": "lr", "r15": "pc"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a disassembly: `ldr.w r0, [r1, #4]` has the operands `r0, [r1, #4]`."""

    address: int
    mnemonic: str
    operands: str
    function: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often an instruction ran, and how often another than the next one followed."""

    executed: int = 0
    taken: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.executed + other.executed, self.taken + other.taken)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Executed instructions, exact, and the cycles of a Cortex-M4, estimated, by function."""

    instructions: int
    functions: Mapping[str, int]

    @property
    def cycles(self) -> int:
        """Of all functions."""
        return sum(self.functions.values())


def disassemble(elf: Path) -> list[Instruction]:
    """All instructions of an image, by address."""
    text = must_run("arm-none-eabi-objdump", ["-d", "--no-show-raw-insn", elf])
    return sorted(parse(text), key=lambda i: i.address)


def parse(text: str) -> Iterable[Instruction]:
    """The instructions in what objdump -d prints; words of data are left out."""
    function = ""
    for line in text.splitlines():
        if label := _LABEL.match(line):
            function = label[2]
        elif (found := _LINE.match(line)) and not found[2].startswith("."):
            mnemonic = found[2].removesuffix(".w").removesuffix(".n")
            operands = (found[3] or "").strip()
            yield Instruction(int(found[1], 16), mnemonic, operands, function)


def read_counts(path: Path) -> dict[int, Count]:
    """What the plugin wrote, by address."""
    counts: dict[int, Count] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        address, executed, taken = map(int, line.split())
        counts[address] = counts.get(address, Count()) + Count(executed, taken)
    return counts


def estimate(code: Iterable[Instruction], counts: Mapping[int, Count]) -> Estimate:
    """Apply the rules above. Raises ToolError for an instruction that they do not cover."""
    functions: Counter[str] = Counter()
    known = set()
    before: Instruction | None = None
    for i in code:
        known.add(i.address)
        if count := counts.get(i.address):
            cycles = count.executed * _alone(i) + count.taken * REFILL
            if before and (previous := counts.get(before.address)):
                fell_through = previous.executed - previous.taken
                cycles += fell_through * _after(before, i)
            functions[i.function] += cycles
        before = i
    if unknown := counts.keys() - known:
        raise ToolError(f"{len(unknown)} addresses ran that are no code, first {min(unknown):#x}")
    return Estimate(sum(c.executed for c in counts.values()), functions)


def _alone(i: Instruction) -> int:
    """Cycles of an instruction by itself, not taken if it is a branch."""
    if i.mnemonic.startswith("v"):
        return _float(i)
    if _is_single(i):
        return 1 if i.mnemonic.startswith("str") and _plain(i) and "#" in _tail(i) else 2
    if _DOUBLE.fullmatch(i.mnemonic):
        return 3
    if _MULTIPLE.fullmatch(i.mnemonic):
        return 1 + len(_registers(i.operands[i.operands.index("{") :]))
    return next((cycles for names, cycles in _FIXED if names.fullmatch(i.mnemonic)), 1)


def _float(i: Instruction) -> int:
    """Cycles of an instruction of the floating-point unit."""
    name = i.mnemonic.partition(".")[0]
    if _FLOAT_MOVE.fullmatch(name):
        return 2 if i.operands.count(",") > 1 else 1
    if not _FLOAT_MEMORY.fullmatch(name):
        raise ToolError(f"{i.function}: no timing of {i.mnemonic} {i.operands}")
    words = 0
    for kind, first, end in re.findall(r"\b([sd])(\d+)(?:-[sd](\d+))?", i.operands):
        words += (int(end or first) - int(first) + 1) * (2 if kind == "d" else 1)
    return 1 + words


def _after(before: Instruction, i: Instruction) -> int:
    """Cycles that an instruction takes more, or less, directly behind another."""
    address = _address(i)
    if not address:
        return 0
    if not _is_memory(before):
        return 1 if _results(before) & address else 0
    pipelined = before.mnemonic.startswith("ldr") and all(
        _is_single(x) and _plain(x) for x in (before, i)
    )
    return -1 if pipelined and _alone(i) > 1 and not _results(before) & address else 0


def _is_single(i: Instruction) -> bool:
    return _SINGLE.fullmatch(i.mnemonic) is not None


def _is_memory(i: Instruction) -> bool:
    names = (_SINGLE, _DOUBLE, _MULTIPLE)
    return any(name.fullmatch(i.mnemonic) for name in names)


def _tail(i: Instruction) -> str:
    """The address of a load or store as it is written; [r0] is [r0, #0]."""
    tail = i.operands[i.operands.index("[") :]
    return tail.replace("]", ", #0]") if "," not in tail else tail


def _plain(i: Instruction) -> bool:
    """No write-back: neither [r0, #4]! nor [r0], #4."""
    return i.operands.endswith("]")


def _address(i: Instruction) -> set[str]:
    """Registers that the address of a load or store is made of; none for another instruction."""
    if not _is_memory(i):
        return set()
    if _MULTIPLE.fullmatch(i.mnemonic):
        return {"sp"} if i.mnemonic[0] == "p" else set(_registers(i.operands.partition("{")[0]))
    return set(_registers(_tail(i)))


def _results(i: Instruction) -> set[str]:
    """Registers that a data operation or a single load writes; not the base written back."""
    if _NO_RESULT.fullmatch(i.mnemonic):
        return set()
    written = i.operands.split(",")[: 2 if _TWO_RESULTS.fullmatch(i.mnemonic) else 1]
    return set(_registers(",".join(written)))


def _registers(text: str) -> list[str]:
    """Registers named in operands, ranges written out."""
    found = []
    for first, _, end in re.findall(r"\b(r\d+|s[bpl]|fp|ip|lr|pc)\b(-(r\d+|s[bpl]|fp|ip))?", text):
        name, end = _NAMES.get(first, first), _NAMES.get(end, end)
        if end:
            found += [f"r{n}" for n in range(int(name[1:]), int(end[1:]) + 1)]
        else:
            found.append(name)
    return found
