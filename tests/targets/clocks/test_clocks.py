# SPDX-License-Identifier: Apache-2.0
"""Every board's way to full speed, run by the firmware's own C against models of its registers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsuke.targets.board import Board, load_boards
from netsuke.targets.clocks.plan import MHZ, Plan, PllRange, solve_pll
from netsuke.targets.clocks.plans import clock_plans
from netsuke.targets.registers import Step
from netsuke.targets.target import find_target
from tests.targets.clocks import f1, f4, h5, h7, l1, l4, u5, wb
from tests.targets.clocks.model import Model
from tests.targets.start_up import clock_up

# Parts of families that no board file is of, and of such with facts of their own.
PARTS = (
    "stm32f100vb", "stm32f101rb", "stm32f102cb", "stm32f103c8", "stm32f107vc", "stm32f303cc",
    "stm32f303re", "stm32f334r8", "stm32f373vc", "stm32h503rb", "stm32h563zi", "stm32h723zg",
    "stm32l152re", "stm32l552ze", "stm32wb15cc", "stm32wb55rg", "stm32wl55jc", "stm32wle5jc",
)  # fmt: skip


def board_of(part: str) -> Board:
    board = find_target(part).board
    assert board is not None
    return board


BOARDS = {board.name: board for board in load_boards() if board.part}
BOARDS |= {part: board_of(part) for part in PARTS}

# Core clock in MHz: from the data sheets' first page, less where only the part's own oscillator is.
FULL_SPEED = {
    "b_l475e_iot01a": 80, "netduinoplus2": 168, "nucleo_f401re": 84, "nucleo_f411re": 100,
    "nucleo_f429zi": 180, "nucleo_f446re": 180, "nucleo_f767zi": 216, "nucleo_g474re": 170,
    "nucleo_h743zi2": 480, "nucleo_h7a3zi": 280, "nucleo_l476rg": 80, "nucleo_l4r5zi": 120,
    "nucleo_u575zi_q": 160, "stm32f4_discovery": 168, "stm32f746g_disco": 216,
    "stm32h747i_disco": 400,  # 480 needs the LDO, and the board is wired for the SMPS
    "nucleo_f103rb": 72, "nucleo_f303re": 72, "nucleo_h723zg": 520, "nucleo_l552ze_q": 110,
    "nucleo_wb55rg": 64,
    "stm32f100vb": 24, "stm32f101rb": 36, "stm32f102cb": 48, "stm32f103c8": 64, "stm32f107vc": 36,
    "stm32f303cc": 64, "stm32f303re": 72, "stm32f334r8": 64, "stm32f373vc": 64, "stm32h503rb": 250,
    "stm32h563zi": 250, "stm32h723zg": 520, "stm32l152re": 32, "stm32l552ze": 110,
    "stm32wb15cc": 64, "stm32wb55rg": 64, "stm32wl55jc": 48, "stm32wle5jc": 48,
}  # fmt: skip
FULL_SPEED_INSIDE = {**FULL_SPEED, "nucleo_f103rb": 64}  # without the board's own clock
AFTER_RESET_HZ = {
    "f1": 8 * MHZ, "f3": 8 * MHZ, "f4": 16 * MHZ, "f7": 16 * MHZ, "g4": 16 * MHZ, "h5": 32 * MHZ,
    "h7": 64 * MHZ, "l1": 2_097_000, "l4": 4 * MHZ, "l5": 4 * MHZ, "u5": 4 * MHZ, "wb": 4 * MHZ,
    "wl": 4 * MHZ,
}  # fmt: skip
MODELS: dict[str, Any] = {
    "f1": f1.F1, "f3": f1.F1, "f4": f4.F4, "f7": f4.F4, "g4": l4.L4Model, "h5": h5.H5, "h7": h7.H7,
    "l1": l1.L1, "l4": l4.L4Model, "l5": l4.L4Model, "u5": u5.U5, "wb": wb.WB, "wl": wb.WB,
}  # fmt: skip
# RCC_CFGR3, USART1SW: PCLK1 feeds USART1 here, PCLK2 on the other F3.
USART1_ON_PCLK1 = "stm32f3(0[23].[68]|[01][18]|28|34)"


def model_of(board: Board, *, dirty: bool = False, **faults: Any) -> Model:
    model = MODELS[board.part[5:7]](
        part=board.part, crystal_hz=board.clock.hz, bypass=board.clock.source == "bypass", **faults
    )
    found: Model = model.dirty() if dirty else model
    return found


def run(plans: Sequence[Plan], model: Model) -> Plan:
    """What clock.c does; `pause` too, which C does in no register."""
    for plan in plans:
        if all(done(step, model) for step in plan.steps):
            break
    return plan


def done(step: Step, model: Model) -> bool:
    if step.kind == "NK_PAUSE":
        model.pause(step.value)
        return True
    if step.kind == "NK_AWAIT":
        return any(model.read(step.address) & step.mask == step.value for _ in range(20))
    model.write(step.address, model.read(step.address) & ~step.mask | step.value)
    model.read(step.address)
    return True


def baud(board: Board, model: Model, divider: int) -> float:
    assert board.serial is not None
    tree = model.tree()
    pclk1 = board.serial.bus == "apb1" or re.match(USART1_ON_PCLK1, board.part)
    hz = tree.apb1 if pclk1 else tree.apb2
    return board.serial.divider_scale * hz / divider


@pytest.mark.parametrize("dirty", [False, True])
@pytest.mark.parametrize("name", BOARDS)
def test_full_speed(tmp_path: Path, name: str, dirty: bool) -> None:
    board = BOARDS[name]
    model = model_of(board, dirty=dirty)
    core_hz, divider = clock_up(find_target(name), model, tmp_path)
    half_a_microsecond = "the bus is at full speed within 1 us"  # C pauses where no model sees it
    assert [rule for rule in model.broken if rule != half_a_microsecond] == []
    assert model.tree().core == core_hz == FULL_SPEED[name] * MHZ
    assert model.caches_on()
    assert abs(baud(board, model, divider) / 115200 - 1) < 0.005


@pytest.mark.parametrize("fault", ["crystal_dead", "pll_dead"])
@pytest.mark.parametrize("name", BOARDS)
def test_a_clock_that_does_not_come_up(tmp_path: Path, name: str, fault: str) -> None:
    """Without the crystal the internal oscillator gives full speed, without the PLL nothing does:
    either way the serial line keeps its rate, and what the firmware says of its clock is true."""
    board = BOARDS[name]
    model = model_of(board, **{fault: True})
    core_hz, divider = clock_up(find_target(name), model, tmp_path)
    fast_hz = FULL_SPEED_INSIDE[name] * MHZ
    wanted_hz = AFTER_RESET_HZ[board.part[5:7]] if fault == "pll_dead" else fast_hz
    assert model.tree().core == core_hz == wanted_hz
    assert abs(baud(board, model, divider) / 115200 - 1) < 0.02
    assert [rule for rule in model.broken if "1 us" not in rule] == []


def test_registers_that_are_not_there(tmp_path: Path) -> None:
    """As in an emulator without RCC: every flag is given up, and the clock is that of reset."""

    class Nothing:
        def __init__(self) -> None:
            self.broken: list[str] = []

        def read(self, address: int) -> int:
            return 0

        def write(self, address: int, value: int) -> None:
            pass

    core_hz, divider = clock_up(find_target("netduinoplus2"), Nothing(), tmp_path)
    assert (core_hz, divider) == (16 * MHZ, round(16 * MHZ / 115200))


# Steps whose loss no model can show, each with its reason.
HARMLESS = {
    r"RCC_CR HSEON = 0": "off it is, unless a program before used the other kind of clock",
    r"RCC_CR HSEBYP = 0": "0 after reset",
    r"RCC_CR PLL1?RDY is 0": "so does the crystal's; parts without one show it",
    r"PWR_CSR ODSWRDY": "the wait for VOSRDY after it takes as long in the models",
    r"FLASH_ACR LATENCY is": "an STM32H7 has more wait states after reset than at full speed",
}


def lacking(plan: Plan) -> list[tuple[str, Plan]]:
    steps = plan.steps
    return [
        (step.why, dataclasses.replace(plan, steps=steps[:i] + steps[i + 1 :]))
        for i, step in enumerate(steps)
    ]


def goes_wrong(board: Board, plan: Plan, want: Plan) -> bool:
    for dirty in (False, True):
        model = model_of(board, dirty=dirty)
        run([plan], model)
        tree = model.tree()
        got = (tree.core, tree.apb1, tree.apb2)
        switched = model.in_use() == {"pll"}
        if not switched or model.broken or got != (want.core_hz, want.apb1_hz, want.apb2_hz):
            return True
        if not model.caches_on():
            return True
    return False


@pytest.mark.parametrize("name", BOARDS)
def test_every_step_is_needed(name: str) -> None:
    """Each step left out breaks a rule of the part or leaves it slow: the models see it."""
    board = BOARDS[name]
    plan = clock_plans(board.part, board.clock, 0)[0]
    assert not goes_wrong(board, plan, plan)
    unseen = [why for why, mutant in lacking(plan) if not goes_wrong(board, mutant, plan)]
    assert [why for why in unseen if not any(re.match(known, why) for known in HARMLESS)] == []


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize(
    ("field", "by"),
    [
        ("LATENCY = ", -1),
        ("VOS = ", -1),
        ("PLLN = ", 4),
        ("DIVN1 = ", 8),
        ("C2HPRE = ", -8),
        ("PPRE1 = 4", -4),
        ("HSIDIV = ", -1),
        ("PREDIV = ", 1),
    ],
)
def test_wrong_values_are_seen(name: str, field: str, by: int) -> None:
    """One wait state too few, one voltage step too low, a PLL or a bus too fast."""
    board = BOARDS[name]
    plan = clock_plans(board.part, board.clock, 0)[0]
    for i, step in enumerate(plan.steps):
        if step.kind == "NK_CHANGE" and field in step.why:
            first = {"f4": 10, "f7": 10, "f1": 8, "f3": 8}.get(board.part[5:7])
            shift = {
                "LATENCY = ": 0, "PLLN = ": 6 if board.part[5] == "f" else 8, "C2HPRE = ": 4,
                "PPRE1 = 4": first,
            }.get(field)  # fmt: skip
            low = shift if shift is not None else (step.mask & -step.mask).bit_length() - 1
            wrong = dataclasses.replace(step, value=step.value + (by << low))
            steps = list(plan.steps)
            steps[i] = wrong
            mutant = dataclasses.replace(plan, steps=tuple(steps))
            if field == "VOS = " and board.part[5] in "lg":
                continue  # 0 is no range; the models know 1 and 2
            assert goes_wrong(board, mutant, plan), step.why


def test_known_factors() -> None:
    """RM0090 gives 8 MHz / 4 * 168 / 2 = 168 MHz as its example of the PLL."""
    allowed = PllRange((MHZ, 2 * MHZ), (192 * MHZ, 432 * MHZ), range(2, 64), range(50, 433), (2, 4))
    pll = solve_pll(8 * MHZ, 168 * MHZ, allowed)
    assert (pll.m, pll.n, pll.divider, pll.output_hz) == (4, 168, 2, 168 * MHZ)


@given(st.integers(4, 48), st.integers(60, 216))
def test_factors_stay_in_their_ranges(source_mhz: int, wanted_mhz: int) -> None:
    allowed = PllRange((MHZ, 2 * MHZ), (192 * MHZ, 432 * MHZ), range(2, 64), range(50, 433), (2, 4))
    pll = solve_pll(source_mhz * MHZ, wanted_mhz * MHZ, allowed)
    assert MHZ <= source_mhz * MHZ / pll.m <= 2 * MHZ
    assert 192 * MHZ <= source_mhz * MHZ * pll.n / pll.m <= 432 * MHZ
    assert wanted_mhz * MHZ * 0.97 <= pll.output_hz <= wanted_mhz * MHZ


def test_no_supply_is_guessed() -> None:
    """An STM32H7 of two regulators stays at its slow clock until a board says which is wired."""
    for part in ("stm32h745zi", "stm32h7a3zi"):
        (plan,) = clock_plans(part, dataclasses.replace(BOARDS["nucleo_l476rg"].clock), 0)
        assert plan.source == "reset"
