# SPDX-License-Identifier: Apache-2.0
"""STM32 WB and WL, from the internal oscillator, which reaches full speed.

Manuals: RM0434 (WB35, WB55), RM0471 (WB30, WB50), RM0478 (WB10), RM0473 (WB15), RM0453 (WL54,
WL55), RM0461 (WLE4, WLE5). Registers: chapters "Reset and clock control", "Power control" and
"Embedded flash memory". Flash runs from the clock that both cores share, HCLK4 or HCLK3; the second
core of a WB reaches half of the first one's speed: its prescaler is set whether it runs or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states
from netsuke.targets.registers import Step

_RCC, _PWR, _FLASH = 0x58000000, 0x58000400, 0x58004000


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 8), _rcc_cr("HSIRDY", 10)
_PLLON, _PLLRDY = _rcc_cr("PLLON", 24), _rcc_cr("PLLRDY", 25)
_SW, _SWS, _HPRE, _PPRE1, _PPRE2 = (
    Field("RCC_CFGR", _RCC + 0x08, *where)
    for where in (("SW", 0, 2), ("SWS", 2, 2), ("HPRE", 4, 4), ("PPRE1", 8, 3), ("PPRE2", 11, 3))
)
_PLLSRC, _PLLM, _PLLN, _PLLREN, _PLLR = (
    Field("RCC_PLLCFGR", _RCC + 0x0C, *where)
    for where in (
        ("PLLSRC", 0, 2), ("PLLM", 4, 3), ("PLLN", 8, 7), ("PLLREN", 28), ("PLLR", 29, 3),
    )
)  # fmt: skip
_SHDHPRE, _C2HPRE, _SHDHPREF, _BOTH_APPLIED = (
    Field("RCC_EXTCFGR", _RCC + 0x108, *where)
    for where in (
        ("SHDHPRE", 0, 4),
        ("C2HPRE", 4, 4),
        ("SHDHPREF", 16),
        ("C2HPREF:SHDHPREF", 16, 2),
    )
)
_VOS, _VOSF = Field("PWR_CR1", _PWR, "VOS", 9, 2), Field("PWR_SR2", _PWR + 0x14, "VOSF", 10)
_LATENCY, _PRFTEN, _ICEN, _DCEN = (
    Field("FLASH_ACR", _FLASH, *where)
    for where in (("LATENCY", 0, 3), ("PRFTEN", 8), ("ICEN", 9), ("DCEN", 10))
)
_SW_MSI, _SW_HSI, _SW_PLL = 0, 1, 3
_PLLSRC_HSI = 2
_RANGE_1, _HPRE_2 = 1, 8
_HSI_HZ, _MSI_HZ = 16 * MHZ, 4 * MHZ
_PLL = PllRange(
    (266 * MHZ // 100, 16 * MHZ), (96 * MHZ, 344 * MHZ), range(1, 9), range(6, 128), (2, 4, 6, 8)
)


@dataclass(frozen=True, slots=True)
class _Limits:
    """`flash_mhz` is the highest shared clock at 0, 1, 2, ... wait states. `one_range` parts have
    no voltage to choose."""

    pattern: str
    core_mhz: int
    flash_mhz: tuple[int, ...]
    one_range: bool = False


# Voltage range 1: RM0434 and RM0453, "Number of wait states according to flash clock frequency"
# (HCLK4, HCLK3); data sheets' "General operating conditions" and "PLL characteristics".
_LIMITS = (
    _Limits("stm32wb[135]0|stm32wb15", 64, (18, 36, 54, 64), one_range=True),
    _Limits("stm32wb", 64, (18, 36, 54, 64)),
    _Limits("stm32wl", 48, (18, 36, 48)),
)


def _fast(part: str, clock: Clock, source_hz: int) -> Plan | None:
    if clock.external:
        return None
    limits = next(row for row in _LIMITS if re.match(row.pattern, part))
    pll = solve_pll(source_hz, limits.core_mhz * MHZ, _PLL)
    latency = wait_states(pll.output_hz, [mhz * MHZ for mhz in limits.flash_mhz])
    voltage = () if limits.one_range else (_VOS.set(_RANGE_1), _VOSF.wait(0))
    steps = (
        together((_LATENCY, latency), (_PRFTEN, 1), (_ICEN, 1), (_DCEN, 1)),
        _LATENCY.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *voltage,
        together(
            (_PLLSRC, _PLLSRC_HSI), (_PLLM, pll.m - 1), (_PLLN, pll.n), (_PLLR, pll.divider - 1),
            (_PLLREN, 1),
        ),
        together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0)),
        *_shared_prescalers(part),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz, hz, steps)


def _shared_prescalers(part: str) -> tuple[Step, ...]:
    if part.startswith("stm32wl"):
        return (_SHDHPRE.set(0), _SHDHPREF.wait(1))
    return (together((_SHDHPRE, 0), (_C2HPRE, _HPRE_2)), _BOTH_APPLIED.wait(3))


FAMILY = Family(
    "stm32w[bl]",
    _HSI_HZ,
    Plan(
        "reset", _MSI_HZ, _MSI_HZ, _MSI_HZ,
        (_SW.set(_SW_MSI), together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))),
    ),
    _fast,
)  # fmt: skip
