# SPDX-License-Identifier: Apache-2.0
"""STM32 F2, F4 and F7.

Manuals: RM0033 (F2), RM0090 (F405 to F439), RM0368 (F401), RM0383 (F411), RM0390 (F446), RM0386
(F469), RM0401 (F410), RM0402 (F412), RM0430 (F413), RM0385 (F745 to F756), RM0410 (F76x, F77x),
RM0431 (F72x, F73x). Registers: chapters "Reset and clock control", "Power controller" and
"Embedded flash memory"; over-drive in the order of RM0090 section 5.1.4 and RM0385 section 4.1.4.
All for a supply of 2.7 V or more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, external_clock, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states
from netsuke.targets.registers import Step

_RCC, _PWR, _FLASH = 0x40023800, 0x40007000, 0x40023C00


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 0), _rcc_cr("HSIRDY", 1)
_PLLON, _PLLRDY = _rcc_cr("PLLON", 24), _rcc_cr("PLLRDY", 25)
_PLLM, _PLLN, _PLLP, _PLLSRC = (
    Field("RCC_PLLCFGR", _RCC + 0x04, *where)
    for where in (("PLLM", 0, 6), ("PLLN", 6, 9), ("PLLP", 16, 2), ("PLLSRC", 22))
)
_SW, _SWS, _HPRE, _PPRE1, _PPRE2 = (
    Field("RCC_CFGR", _RCC + 0x08, *where)
    for where in (("SW", 0, 2), ("SWS", 2, 2), ("HPRE", 4, 4), ("PPRE1", 10, 3), ("PPRE2", 13, 3))
)
_PWREN = Field("RCC_APB1ENR", _RCC + 0x40, "PWREN", 28)
_ODEN, _ODSWEN = Field("PWR_CR", _PWR, "ODEN", 16), Field("PWR_CR", _PWR, "ODSWEN", 17)
_VOSRDY, _ODRDY, _ODSWRDY = (
    Field("PWR_CSR", _PWR + 0x04, *where)
    for where in (("VOSRDY", 14), ("ODRDY", 16), ("ODSWRDY", 17))
)
_LATENCY, _PRFTEN, _ICEN, _DCEN = (
    Field("FLASH_ACR", _FLASH, *where)
    for where in (("LATENCY", 0, 4), ("PRFTEN", 8), ("ICEN", 9), ("DCEN", 10))
)
_SW_HSI, _SW_PLL = 0, 2
_PPRE = {1: 0, 2: 4, 4: 5}  # RCC_CFGR

_HSI_HZ = 16 * MHZ
# RCC_PLLCFGR: "recommended to select a frequency of 2 MHz"; VCO at least 192 MHz before the F446.
_PLL = PllRange(
    (MHZ * 95 // 100, 2 * MHZ), (192 * MHZ, 432 * MHZ), range(2, 64), range(50, 433), (2, 4, 6, 8)
)


@dataclass(frozen=True, slots=True)
class _Limits:
    """`vos` is the regulator's field and value at full speed (None where there is nothing to set);
    `flash_mhz` the highest HCLK at 0, 1, 2, ... wait states."""

    pattern: str
    core_mhz: int
    apb1_mhz: int
    apb2_mhz: int
    flash_mhz: tuple[int, ...]
    vos: tuple[Field, int] | None
    overdrive: bool = False


_VOS_1_BIT = Field("PWR_CR", _PWR, "VOS", 14)
_VOS = Field("PWR_CR", _PWR, "VOS", 14, 2)
_BY_30 = (30, 60, 90, 120, 150, 180, 210, 240)

# Data sheets' "General operating conditions" for the clocks; for wait states RM0033 section 2.3.3,
# RM0090 table 10, RM0368 table 6, RM0383 table 5, RM0390 table 5, RM0385 table 5.
_LIMITS = (
    _Limits("stm32f2", 120, 30, 60, _BY_30, None),
    _Limits("stm32f4[01][57]", 168, 42, 84, _BY_30, (_VOS_1_BIT, 1)),
    _Limits("stm32f401", 84, 42, 84, (30, 60, 84), (_VOS, 2)),
    _Limits("stm32f41[0123]|stm32f423", 100, 50, 100, (30, 64, 90, 100), (_VOS, 3)),
    _Limits("stm32f4[234]", 180, 45, 90, _BY_30, (_VOS, 3), overdrive=True),
    _Limits("stm32f4[67]", 180, 45, 90, _BY_30, (_VOS, 3), overdrive=True),
    _Limits("stm32f7", 216, 54, 108, _BY_30, (_VOS, 3), overdrive=True),
)


def _fast(part: str, clock: Clock, source_hz: int) -> Plan:
    limits = next(row for row in _LIMITS if re.match(row.pattern, part))
    pll = solve_pll(source_hz, limits.core_mhz * MHZ, _PLL)
    divide1, divide2 = (
        next(d for d in _PPRE if pll.output_hz <= d * mhz * MHZ)
        for mhz in (limits.apb1_mhz, limits.apb2_mhz)
    )
    latency = wait_states(pll.output_hz, [mhz * MHZ for mhz in limits.flash_mhz])
    # An F7 runs from the AXI bus, behind the core's own caches; others have theirs in the flash.
    caches = () if part.startswith("stm32f7") else ((_PRFTEN, 1), (_ICEN, 1), (_DCEN, 1))
    steps = (
        together((_LATENCY, latency), *caches), _LATENCY.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *external_clock(_RCC, clock),
        _PWREN.set(1),
        *([limits.vos[0].set(limits.vos[1])] if limits.vos else []),
        together(
            (_PLLSRC, int(clock.external)), (_PLLM, pll.m), (_PLLN, pll.n),
            (_PLLP, pll.divider // 2 - 1),
        ),
        _PLLON.set(1),
        *(_overdrive() if limits.overdrive else ()),
        together((_HPRE, 0), (_PPRE1, _PPRE[divide1]), (_PPRE2, _PPRE[divide2])),
        _PLLRDY.wait(1),
        *([_VOSRDY.wait(1)] if limits.vos else []),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz // divide1, hz // divide2, steps)


def _overdrive() -> tuple[Step, ...]:
    return (_ODEN.set(1), _ODRDY.wait(1), _ODSWEN.set(1), _ODSWRDY.wait(1))


FAMILY = Family(
    "stm32f[247]",
    _HSI_HZ,
    Plan(
        "reset", _HSI_HZ, _HSI_HZ, _HSI_HZ,
        (_SW.set(_SW_HSI), together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))),
    ),
    _fast,
)  # fmt: skip
