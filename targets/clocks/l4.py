# SPDX-License-Identifier: Apache-2.0
"""STM32 L4, L4+, L5 and G4.

Manuals: RM0351, RM0392 and RM0394 (L4), RM0432 (L4+), RM0438 (L5), RM0440 (G4). Registers: chapters
"Reset and clock control", "Power control", "Embedded flash memory" and (L5) "Instruction cache".
Boost mode and the two halves of the switch above 80 MHz: RM0432 section 5.1.8, RM0440 section
6.1.5, RM0438, "Dynamic voltage scaling management". An L5 is at its non-secure addresses:
TrustZone is off as delivered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, external_clock, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states
from netsuke.targets.registers import pause

_RCC, _PWR, _FLASH, _ICACHE = 0x40021000, 0x40007000, 0x40022000, 0x40030400


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 8), _rcc_cr("HSIRDY", 10)
_PLLON, _PLLRDY = _rcc_cr("PLLON", 24), _rcc_cr("PLLRDY", 25)
_SW, _SWS, _HPRE, _PPRE1, _PPRE2 = (
    Field("RCC_CFGR", _RCC + 0x08, *where)
    for where in (("SW", 0, 2), ("SWS", 2, 2), ("HPRE", 4, 4), ("PPRE1", 8, 3), ("PPRE2", 11, 3))
)
_PLLSRC, _PLLM_L4, _PLLM, _PLLN, _PLLREN, _PLLR = (
    Field("RCC_PLLCFGR", _RCC + 0x0C, *where)
    for where in (
        ("PLLSRC", 0, 2), ("PLLM", 4, 3), ("PLLM", 4, 4), ("PLLN", 8, 7), ("PLLREN", 24),
        ("PLLR", 25, 2),
    )
)  # fmt: skip
_PWREN = Field("RCC_APB1ENR1", _RCC + 0x58, "PWREN", 28)
_VOS = Field("PWR_CR1", _PWR, "VOS", 9, 2)
_VOSF = Field("PWR_SR2", _PWR + 0x14, "VOSF", 10)
_R1MODE = Field("PWR_CR5", _PWR + 0x80, "R1MODE", 8)
_LATENCY_L4, _LATENCY, _PRFTEN, _ICEN, _DCEN = (
    Field("FLASH_ACR", _FLASH, *where)
    for where in (
        ("LATENCY", 0, 3), ("LATENCY", 0, 4), ("PRFTEN", 8), ("ICEN", 9), ("DCEN", 10),
    )
)  # fmt: skip
_ICACHE_EN = Field("ICACHE_CR", _ICACHE, "EN", 0)
_ICACHE_BUSY = Field("ICACHE_SR", _ICACHE + 0x04, "BUSYF", 0)
_SW_MSI, _SW_HSI, _SW_PLL = 0, 1, 3
_PLLSRC_HSI, _PLLSRC_HSE = 2, 3
_RANGE_0, _RANGE_1, _HPRE_2 = 0, 1, 8
_HSI_HZ, _MSI_HZ = 16 * MHZ, 4 * MHZ
_MICROSECOND = pause(60, "at least 1 us at half speed")


@dataclass(frozen=True, slots=True)
class _Limits:
    """`flash_mhz` is the highest HCLK at 0, 1, 2, ... wait states, in boost mode where `boost`.
    `icache` parts have one cache between core and flash in place of the flash's own."""

    pattern: str
    core_mhz: int
    flash_mhz: tuple[int, ...]
    boost: bool
    pllm: Field
    latency: Field
    pll: PllRange
    vos: int = _RANGE_1
    icache: bool = False


_PLL_L4 = PllRange(
    (4 * MHZ, 16 * MHZ), (64 * MHZ, 344 * MHZ), range(1, 9), range(8, 87), (2, 4, 6, 8)
)
_PLL_L4_PLUS = PllRange(
    (266 * MHZ // 100, 16 * MHZ), (64 * MHZ, 344 * MHZ), range(1, 17), range(8, 128), (2, 4, 6, 8)
)
_PLL_G4 = PllRange(
    (266 * MHZ // 100, 16 * MHZ), (96 * MHZ, 344 * MHZ), range(1, 17), range(8, 128), (2, 4, 6, 8)
)
_PLL_L5 = PllRange(
    (4 * MHZ, 16 * MHZ), (128 * MHZ, 344 * MHZ), range(1, 17), range(8, 87), (2, 4, 6, 8)
)

# Voltage range 1, range 0 of an L5; wait states: RM0351 table 12, RM0432 table 12, RM0440 table 29,
# RM0438 table "Number of wait states according to CPU clock frequency". PLL: the data sheets' "PLL
# characteristics".
_LIMITS = (
    _Limits("stm32l4[pqrs]", 120, (20, 40, 60, 80, 100, 120), True, _PLLM, _LATENCY, _PLL_L4_PLUS),
    _Limits("stm32l4", 80, (16, 32, 48, 64, 80), False, _PLLM_L4, _LATENCY_L4, _PLL_L4),
    _Limits(
        "stm32l5", 110, (20, 40, 60, 80, 100, 110), False, _PLLM, _LATENCY, _PLL_L5, _RANGE_0, True
    ),
    _Limits("stm32g4", 170, (34, 68, 102, 136, 170), True, _PLLM, _LATENCY, _PLL_G4),
)


def _fast(part: str, clock: Clock, source_hz: int) -> Plan:
    limits = next(row for row in _LIMITS if re.match(row.pattern, part))
    pll = solve_pll(source_hz, limits.core_mhz * MHZ, limits.pll)
    latency = wait_states(pll.output_hz, [mhz * MHZ for mhz in limits.flash_mhz])
    halve = limits.boost or limits.icache
    source = _PLLSRC_HSE if clock.external else _PLLSRC_HSI
    caches = () if limits.icache else ((_PRFTEN, 1), (_ICEN, 1), (_DCEN, 1))
    steps = (
        together((limits.latency, latency), *caches), limits.latency.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *external_clock(_RCC, clock),
        _PWREN.set(1), _VOS.set(limits.vos), _VOSF.wait(0),
        *((_HPRE.set(_HPRE_2),) if halve else ()),
        *((_R1MODE.set(0),) if limits.boost else ()),
        together(
            (_PLLSRC, source), (limits.pllm, pll.m - 1), (_PLLN, pll.n),
            (_PLLR, pll.divider // 2 - 1), (_PLLREN, 1),
        ),
        together((_PPRE1, 0), (_PPRE2, 0)),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
        *((_MICROSECOND,) if halve else ()), _HPRE.set(0),
        *((_ICACHE_BUSY.wait(0), _ICACHE_EN.set(1)) if limits.icache else ()),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz, hz, steps)


def _reset(source: int, hz: int) -> Plan:
    undivided = together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))
    return Plan("reset", hz, hz, hz, (_SW.set(source), undivided))


L4 = Family("stm32l4", _HSI_HZ, _reset(_SW_MSI, _MSI_HZ), _fast)
L5 = Family("stm32l5", _HSI_HZ, _reset(_SW_MSI, _MSI_HZ), _fast)
G4 = Family("stm32g4", _HSI_HZ, _reset(_SW_HSI, _HSI_HZ), _fast)
