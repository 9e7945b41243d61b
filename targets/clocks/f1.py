# SPDX-License-Identifier: Apache-2.0
"""STM32 F1 and F3.

Manuals: RM0008 (F101 to F107), RM0041 (F100), RM0316 (F303, F328, F358, F398), RM0313 (F37x),
RM0364 (F334), RM0365 (F302), RM0366 (F301, F318). Registers: chapters "Reset and clock control" and
"Embedded flash memory". The prefetch buffer may be switched only below 24 MHz, with the bus
undivided: RM0008 section 3.3.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, external_clock, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states
from netsuke.targets.registers import Step

_RCC, _FLASH = 0x40021000, 0x40022000


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 0), _rcc_cr("HSIRDY", 1)
_PLLON, _PLLRDY = _rcc_cr("PLLON", 24), _rcc_cr("PLLRDY", 25)
_SW, _SWS, _HPRE, _PPRE1, _PPRE2, _PLLSRC_E, _PLLSRC, _PLLXTPRE, _PLLMUL = (
    Field("RCC_CFGR", _RCC + 0x04, *where)
    for where in (
        ("SW", 0, 2), ("SWS", 2, 2), ("HPRE", 4, 4), ("PPRE1", 8, 3), ("PPRE2", 11, 3),
        ("PLLSRC", 15, 2), ("PLLSRC", 16), ("PLLXTPRE", 17), ("PLLMUL", 18, 4),
    )
)  # fmt: skip
_PREDIV = Field("RCC_CFGR2", _RCC + 0x2C, "PREDIV", 0, 4)
_LATENCY, _PRFTBE = (
    Field("FLASH_ACR", _FLASH, *where) for where in (("LATENCY", 0, 3), ("PRFTBE", 4))
)
_SW_HSI, _SW_PLL = 0, 2
_PPRE = {1: 0, 2: 4}
_HSI_HZ = 8 * MHZ
_APB1_HZ = 36 * MHZ
_FLASH_HZ = (24 * MHZ, 48 * MHZ, 72 * MHZ)  # RM0008 section 3.3.3, RM0316 FLASH_ACR


@dataclass(frozen=True, slots=True)
class _Limits:
    """`undivided` parts feed the PLL all of their HSI, others half of it. `slow_flash` has neither
    wait states nor a prefetch buffer to set. `by_hse` parts take the board's clock undivided."""

    pattern: str
    core_mhz: int
    multipliers: range = range(2, 17)
    undivided: bool = False
    slow_flash: bool = False
    by_hse: bool = True


# Data sheets' "General operating conditions"; RCC_CFGR. An F105's or F107's PLL multiplies by 9 at
# most, and what feeds it besides the HSI is another tree of dividers.
_LIMITS = (
    _Limits("stm32f100", 24, slow_flash=True, by_hse=False),
    _Limits("stm32f101", 36),
    _Limits("stm32f102", 48),
    _Limits("stm32f103", 72),
    _Limits("stm32f10[57]", 72, range(4, 10), by_hse=False),
    _Limits("stm32f3(0[23].[de]|98.e)", 72, undivided=True),
    _Limits("stm32f3", 72),
)


def _fast(part: str, clock: Clock, source_hz: int) -> Plan | None:
    limits = next(row for row in _LIMITS if re.match(row.pattern, part))
    if clock.external and not limits.by_hse:
        return None
    divider = 1 if clock.external or limits.undivided else 2
    core_hz = limits.core_mhz * MHZ
    allowed = PllRange(
        (MHZ, 24 * MHZ), (16 * MHZ, 72 * MHZ), range(divider, divider + 1), limits.multipliers, (1,)
    )
    pll = solve_pll(source_hz, core_hz, allowed)
    divide1 = 1 if pll.output_hz <= _APB1_HZ else 2
    # USART1 takes APB1's clock on the small F3 and APB2's on the others (RCC_CFGR3, USART1SW): the
    # two are the same.
    divide2 = divide1 if part.startswith("stm32f3") else 1
    latency = wait_states(pll.output_hz, _FLASH_HZ)
    flash = () if limits.slow_flash else (together((_LATENCY, latency), (_PRFTBE, 1)),)
    steps = (
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *external_clock(_RCC, clock),
        together((_HPRE, 0), (_PPRE1, _PPRE[divide1]), (_PPRE2, _PPRE[divide2])),
        *flash,
        *_pll_factors(part, limits, clock, pll.n),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz // divide1, hz // divide2, steps)


def _pll_factors(part: str, limits: _Limits, clock: Clock, n: int) -> tuple[Step, ...]:
    source = (_PLLSRC, int(clock.external))
    if limits.undivided:
        source = (_PLLSRC_E, 2 if clock.external else 1)
    if part.startswith("stm32f3"):  # where PLLXTPRE is a copy of PREDIV's lowest bit
        prediv = (_PREDIV.set(0),) if clock.external or limits.undivided else ()
        return (*prediv, together(source, (_PLLMUL, n - 2)))
    return (together(source, (_PLLXTPRE, 0), (_PLLMUL, n - 2)),)


FAMILY = Family(
    "stm32f[13]",
    _HSI_HZ,
    Plan(
        "reset", _HSI_HZ, _HSI_HZ, _HSI_HZ,
        (_SW.set(_SW_HSI), together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))),
    ),
    _fast,
)  # fmt: skip
