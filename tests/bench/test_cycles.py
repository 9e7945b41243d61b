# SPDX-License-Identifier: Apache-2.0
"""Loops whose cycles were counted by hand with the manual, run in the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from netsuke.compiler.driver import Options, build, compile_graph
from netsuke.compiler.errors import ToolError
from netsuke.targets.session import session
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import must_run
from tests.bench.count import build_plugin, count, estimate_inference
from tests.bench.cycles import Count, Estimate, Instruction, disassemble, estimate, parse
from tests.support.small_models import convolutional

PROGRAM = """
    .syntax unified
    .thumb
    .text
    .word 0x20001000, start + 1
    .thumb_func
start:
    movs r0, #10
    ldr r3, =0x20000000
    mov r8, r3
    b first
    .thumb_func
first:
{body}
    .thumb_func
done:
    b done
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_plugin(tmp_path_factory.mktemp("plugin"))


def run(body: str, plugin: Path, directory: Path) -> Estimate:
    source, elf = directory / "loop.s", directory / "loop.elf"
    source.write_text(PROGRAM.format(body=body))
    flags = ["-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-Wl,-Ttext=0,-estart"]
    must_run("arm-none-eabi-gcc", [*flags, "-o", elf, source])
    code = disassemble(elf)
    at = {
        function: min(i.address for i in code if i.function == function) for function in FUNCTIONS
    }
    return estimate(code, count("mps2-an386", elf, plugin, at["first"], at["done"]))


FUNCTIONS = ("first", "done")

LOOPS = {
    # 1; ten times 2 + 1 (pipelined) + 1 + 1 + 1; nine times 2 for the branch back.
    "dot product": (
        """
    movs r1, #0
1:  ldr r2, [r3]
    ldr r4, [r3, #4]
    smlad r1, r2, r4, r1
    subs r0, #1
    bne 1b
    """,
        1 + 10 * 5,
        1 + 10 * 6 + 9 * 2,
    ),
    # Ten times 2 + 2 (write-back, not pipelined) + 1 + 3 (two registers) + 1 + 1; the base is
    # set anew, by no operation directly before a load.
    "write-back and multiple": (
        """
1:  ldr r2, [r3], #4
    ldr r4, [r3], #4
    mov r3, r8
    smmulr r2, r2, r4
    ldmia r3, {r4, r5}
    subs r0, #1
    bne 1b
    """,
        10 * 7,
        10 * (2 + 2 + 1 + 1 + 3 + 1 + 1) + 9 * 2,
    ),
    # Ten times 1, 2 + 1 because the address was just computed, 2 because it was just loaded, 1 + 1.
    "address dependencies": (
        """
    str r3, [r3, #4]
1:  add r4, r3, #4
    ldr r5, [r4]
    ldr r5, [r5, #8]
    subs r0, #1
    bne 1b
    """,
        1 + 10 * 5,
        1 + 10 * (1 + 3 + 2 + 1 + 1) + 9 * 2,
    ),
    # Nothing pipelines after a store; one with a register offset takes 2, behind a load 1.
    "stores": (
        """
    movs r6, #0
1:  strb r0, [r3, #1]
    ldrb r1, [r3]
    strb r1, [r3, r6]
    strb r1, [r3, r6]
    str r0, [r3], #4
    cmp r0, #0
    mov r3, r8
    subs r0, #1
    bne 1b
    """,
        1 + 10 * 9,
        1 + 10 * (1 + 2 + 1 + 2 + 2 + 1 + 1 + 1 + 1) + 9 * 2,
    ),
    # A call, 1 + 2, and a return, POP of two registers, 1 + 2 + 2; PUSH 1 + 2; 12 for the division;
    # the loop is left in its middle by CBZ, 1 when it goes on and 1 + 2 the last time.
    "calls and divisions": (
        """
1:  bl 2f
    subs r0, #1
    cbz r0, 3f
    b 1b
2:  push {r4, lr}
    udiv r4, r0, r0
    pop {r4, pc}
3:
    """,
        10 * 6 + 9,
        10 * (3 + 1 + 1 + 3 + 12 + 5) + 2 + 9 * 3,
    ),
    # An LDR that is jumped to is not pipelined with the one before it in memory: 2 each time.
    # First 1 + 2 + 1 (pipelined), then nine times 2; ten times 1 + 1, nine times 2.
    "a loop entered by a load": (
        """
    movs r6, #0
    ldr r2, [r3]
1:  ldr r4, [r3, #4]
    subs r0, #1
    bne 1b
    """,
        2 + 10 * 3,
        1 + 2 + 1 + 9 * 2 + 10 * 2 + 9 * 2,
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_hand_counted_loops(name: str, plugin: Path, tmp_path: Path) -> None:
    body, instructions, cycles = LOOPS[name]
    found = run(body, plugin, tmp_path)
    assert (found.instructions, found.cycles) == (instructions, cycles)
    assert found.functions == {"first": cycles}


@pytest.mark.parametrize(
    ("line", "cycles"),
    [
        ("smlald\tr0, r1, r2, r3", 1),
        ("ldrd\tr0, r1, [r2, #8]", 3),
        ("ldrh.w\tr0, [r1], #2", 2),
        ("ldreq\tr0, [r1, r2, lsl #2]", 2),
        ("str\tr0, [r1]", 1),
        ("str.w\tr0, [r1, #4]!", 2),
        ("ldmia.w\tsp!, {r4, r5, r6, r7, r8, r9, sl, fp}", 9),
        ("stmdb\tsp!, {r4-r11, lr}", 10),
        ("tbb\t[pc, r3]", 2),
        ("sdivne\tr0, r1, r2", 12),
        ("vmov\ts16, r0", 1),
        ("vmov\tr0, r1, d8", 2),
        ("vpush\t{d8-d9}", 5),
        ("vldr\ts0, [r1, #4]\t@ 0x4", 2),
        ("mrs\tr0, PRIMASK", 2),
    ],
)
def test_instructions_alone(line: str, cycles: int) -> None:
    code = list(parse(f"00000100 <f>:\n     100:\t{line}\n"))
    assert estimate(code, {0x100: Count(7)}).cycles == 7 * cycles


def test_what_stands_in_a_disassembly() -> None:
    text = "00000010 <f>:\n  10:\tldr.w\tr0, [pc, #4]\t@ (18 <f+0x8>)\n  18:\t.word\t0x1234\n"
    assert list(parse(text)) == [Instruction(0x10, "ldr", "r0, [pc, #4]", "f")]


def test_what_has_no_timing() -> None:
    code = [Instruction(0x10, "vdiv.f32", "s0, s1, s2", "f")]
    with pytest.raises(ToolError, match=r"f: no timing of vdiv\.f32 s0, s1, s2"):
        estimate(code, {0x10: Count(1)})
    with pytest.raises(ToolError, match="1 addresses ran that are no code, first 0x20"):
        estimate(code, {0x20: Count(1)})


def test_an_inference_counts_as_the_emulated_timer_does(tmp_path: Path) -> None:
    model = tmp_path / "net.tflite"
    model.write_bytes(convolutional())
    target = find_target("mps2-an386")
    compiled = compile_graph(model, target, Options(), lambda message: None)
    firmware = build(compiled, target, tmp_path, Options(), lambda message: None)
    with session(target, firmware, None) as client:
        data = bytes(range(256)) * (client.hello.input_bytes // 256 + 1)
        data = data[: client.hello.input_bytes]
        client.run(data)
        ticks = client.profile().total
    found = estimate_inference(target.machine, firmware, data, tmp_path)
    # The timer ticks once in 40 instructions, and its two readings take some themselves.
    assert abs(found.instructions - ticks) <= 80
    assert found.instructions < found.cycles < 2 * found.instructions
    assert "net_invoke" in found.functions
