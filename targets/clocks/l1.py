# SPDX-License-Identifier: Apache-2.0
"""STM32 L1, from the internal oscillator, which reaches full speed.

Manual: RM0038, chapters "Reset and clock control", "Power control" and "Flash program memory and
data EEPROM". 64-bit access comes before wait state and prefetch (FLASH_ACR). For a supply of 2.0 V
or more, which voltage range 1 needs.
"""

from __future__ import annotations

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan

_RCC, _PWR, _FLASH = 0x40023800, 0x40007000, 0x40023C00


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 0), _rcc_cr("HSIRDY", 1)
_PLLON, _PLLRDY = _rcc_cr("PLLON", 24), _rcc_cr("PLLRDY", 25)
_SW, _SWS, _HPRE, _PPRE1, _PPRE2, _PLLSRC, _PLLMUL, _PLLDIV = (
    Field("RCC_CFGR", _RCC + 0x08, *where)
    for where in (
        ("SW", 0, 2), ("SWS", 2, 2), ("HPRE", 4, 4), ("PPRE1", 8, 3), ("PPRE2", 11, 3),
        ("PLLSRC", 16), ("PLLMUL", 18, 4), ("PLLDIV", 22, 2),
    )
)  # fmt: skip
_PWREN = Field("RCC_APB1ENR", _RCC + 0x24, "PWREN", 28)
_VOS, _VOSF = Field("PWR_CR", _PWR, "VOS", 11, 2), Field("PWR_CSR", _PWR + 0x04, "VOSF", 4)
_LATENCY, _PRFTEN, _ACC64 = (
    Field("FLASH_ACR", _FLASH, *where) for where in (("LATENCY", 0), ("PRFTEN", 1), ("ACC64", 2))
)
_SW_MSI, _SW_HSI, _SW_PLL = 0, 1, 3
_PLLSRC_HSI, _RANGE_1 = 0, 1
_BY_4, _HALF = 1, 1  # PLLMUL and PLLDIV: 16 MHz * 4 / 2, the oscillator at 64 of its 96 MHz
_HSI_HZ, _MSI_HZ = 16 * MHZ, 2_097_000
_CORE_HZ = 32 * MHZ  # one wait state above 16 MHz in range 1: RM0038, FLASH read interface


def _fast(part: str, clock: Clock, source_hz: int) -> Plan | None:
    if clock.external:
        return None
    steps = (
        _ACC64.set(1), _ACC64.wait(1), together((_LATENCY, 1), (_PRFTEN, 1)), _LATENCY.wait(1),
        _HSION.set(1), _HSIRDY.wait(1),
        _PWREN.set(1), _VOSF.wait(0), _VOS.set(_RANGE_1), _VOSF.wait(0),
        _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        together((_PLLSRC, _PLLSRC_HSI), (_PLLMUL, _BY_4), (_PLLDIV, _HALF)),
        together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0)),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
    )  # fmt: skip
    return Plan(clock.source, _CORE_HZ, _CORE_HZ, _CORE_HZ, steps)


FAMILY = Family(
    "stm32l1",
    _HSI_HZ,
    Plan(
        "reset", _MSI_HZ, _MSI_HZ, _MSI_HZ,
        (_SW.set(_SW_MSI), together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0))),
    ),
    _fast,
)  # fmt: skip
