# SPDX-License-Identifier: Apache-2.0
"""STM32 U5, at its non-secure addresses: TrustZone is off as delivered.

Manual: RM0456, chapters "Reset and clock control", "Power control", "Embedded flash memory" and
"Instruction cache". Above 55 MHz the embedded power distribution needs its booster, whose clock is
the PLL's source divided by PLL1MBOOST: section "Dynamic voltage scaling management".
"""

from __future__ import annotations

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, external_clock, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states

_RCC, _PWR, _FLASH, _ICACHE = 0x46020C00, 0x46020800, 0x40022000, 0x40030400


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 8), _rcc_cr("HSIRDY", 10)
_PLLON, _PLLRDY = _rcc_cr("PLL1ON", 24), _rcc_cr("PLL1RDY", 25)
_SW, _SWS = (Field("RCC_CFGR1", _RCC + 0x1C, *where) for where in (("SW", 0, 2), ("SWS", 2, 2)))
_HPRE, _PPRE1, _PPRE2 = (
    Field("RCC_CFGR2", _RCC + 0x20, *where)
    for where in (("HPRE", 0, 4), ("PPRE1", 4, 3), ("PPRE2", 8, 3))
)
_PLLSRC, _RGE, _FRACEN, _PLLM, _MBOOST, _PLLREN = (
    Field("RCC_PLL1CFGR", _RCC + 0x28, *where)
    for where in (
        ("PLL1SRC", 0, 2), ("PLL1RGE", 2, 2), ("PLL1FRACEN", 4), ("PLL1M", 8, 4),
        ("PLL1MBOOST", 12, 4), ("PLL1REN", 18),
    )
)  # fmt: skip
_PLLN, _PLLR = (
    Field("RCC_PLL1DIVR", _RCC + 0x34, *where) for where in (("PLL1N", 0, 9), ("PLL1R", 24, 7))
)
_PWREN = Field("RCC_AHB3ENR", _RCC + 0x94, "PWREN", 2)
_VOS, _VOSRDY, _BOOSTEN, _BOOSTRDY = (
    Field("PWR_VOSR", _PWR + 0x0C, *where)
    for where in (("VOS", 16, 2), ("VOSRDY", 15), ("BOOSTEN", 18), ("BOOSTRDY", 14))
)
_LATENCY, _PRFTEN = (
    Field("FLASH_ACR", _FLASH, *where) for where in (("LATENCY", 0, 4), ("PRFTEN", 8))
)
_ICACHE_EN = Field("ICACHE_CR", _ICACHE, "EN", 0)
_ICACHE_BUSY = Field("ICACHE_SR", _ICACHE + 0x04, "BUSYF", 0)

_SW_MSI, _SW_HSI, _SW_PLL = 0, 1, 3
_PLLSRC_HSI, _PLLSRC_HSE = 2, 3
_RANGE_1 = 3
_HSI_HZ, _MSI_HZ = 16 * MHZ, 4 * MHZ

# DS13737 "General operating conditions" and "PLL characteristics"; RM0456 table "Number of wait
# states according to CPU clock frequency", voltage range 1.
_CORE_HZ = 160 * MHZ
_FLASH_HZ = (32 * MHZ, 64 * MHZ, 96 * MHZ, 128 * MHZ, 160 * MHZ)
_PLL = PllRange(
    (4 * MHZ, 16 * MHZ), (128 * MHZ, 544 * MHZ), range(1, 17), range(4, 513), (2, 4, 6, 8)
)
_BOOSTER_HZ = 16 * MHZ
_MBOOST_BY = {1: 0, 2: 1, 4: 2}


def _fast(part: str, clock: Clock, source_hz: int) -> Plan:
    pll = solve_pll(source_hz, _CORE_HZ, _PLL)
    latency = wait_states(pll.output_hz, _FLASH_HZ)
    booster = next(code for by, code in _MBOOST_BY.items() if source_hz <= by * _BOOSTER_HZ)
    input_range = 3 if pll.input_hz >= 8 * MHZ else 0
    steps = (
        together((_LATENCY, latency), (_PRFTEN, 1)), _LATENCY.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *external_clock(_RCC, clock),
        _PWREN.set(1), _BOOSTEN.set(0), _VOS.set(_RANGE_1), _VOSRDY.wait(1),
        together(
            (_PLLSRC, _PLLSRC_HSE if clock.external else _PLLSRC_HSI), (_RGE, input_range),
            (_FRACEN, 0), (_PLLM, pll.m - 1), (_MBOOST, booster), (_PLLREN, 1),
        ),
        together((_PLLN, pll.n - 1), (_PLLR, pll.divider - 1)),
        _BOOSTEN.set(1), _BOOSTRDY.wait(1),
        together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0)),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
        _ICACHE_BUSY.wait(0), _ICACHE_EN.set(1),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz, hz, steps)


FAMILY = Family(
    "stm32u5",
    _HSI_HZ,
    Plan(
        "reset", _MSI_HZ, _MSI_HZ, _MSI_HZ,
        (_SW.set(_SW_MSI), together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))),
    ),
    _fast,
)  # fmt: skip
