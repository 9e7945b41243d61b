# SPDX-License-Identifier: Apache-2.0
"""STM32 H503, H52x, H53x, H56x and H57x, from the internal oscillator, which reaches full speed.

Manuals: RM0481, RM0492 (H503), chapters "Reset and clock control", "Power control", "Embedded flash
memory" and "Instruction cache". Addresses are the non-secure ones: TrustZone is off as delivered.
"""

from __future__ import annotations

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states

_RCC, _PWR, _FLASH, _ICACHE = 0x44020C00, 0x44020800, 0x40022000, 0x40030400


def _rcc_cr(name: str, bit: int, bits: int = 1) -> Field:
    return Field("RCC_CR", _RCC, name, bit, bits)


_HSION, _HSIRDY = _rcc_cr("HSION", 0), _rcc_cr("HSIRDY", 1)
_HSIDIV, _HSIDIVF = _rcc_cr("HSIDIV", 3, 2), _rcc_cr("HSIDIVF", 5)
_PLLON, _PLLRDY = _rcc_cr("PLL1ON", 24), _rcc_cr("PLL1RDY", 25)
_SW, _SWS = (Field("RCC_CFGR1", _RCC + 0x1C, *where) for where in (("SW", 0, 2), ("SWS", 3, 2)))
_HPRE, _PPRE1, _PPRE2, _PPRE3 = (
    Field("RCC_CFGR2", _RCC + 0x20, *where)
    for where in (("HPRE", 0, 4), ("PPRE1", 4, 3), ("PPRE2", 8, 3), ("PPRE3", 12, 3))
)
_PLLSRC, _RGE, _FRACEN, _VCOSEL, _PLLM, _PLLPEN = (
    Field("RCC_PLL1CFGR", _RCC + 0x28, *where)
    for where in (
        ("PLL1SRC", 0, 2), ("PLL1RGE", 2, 2), ("PLL1FRACEN", 4), ("PLL1VCOSEL", 5),
        ("PLL1M", 8, 6), ("PLL1PEN", 16),
    )
)  # fmt: skip
_PLLN, _PLLP = (
    Field("RCC_PLL1DIVR", _RCC + 0x34, *where) for where in (("PLL1N", 0, 9), ("PLL1P", 9, 7))
)
_VOS = Field("PWR_VOSCR", _PWR + 0x10, "VOS", 4, 2)
_VOSRDY = Field("PWR_VOSSR", _PWR + 0x14, "VOSRDY", 3)
_LATENCY, _WRHIGHFREQ, _PRFTEN = (
    Field("FLASH_ACR", _FLASH, *where)
    for where in (("LATENCY", 0, 4), ("WRHIGHFREQ", 4, 2), ("PRFTEN", 8))
)
_ICACHE_EN = Field("ICACHE_CR", _ICACHE, "EN", 0)
_ICACHE_BUSY = Field("ICACHE_SR", _ICACHE + 0x04, "BUSYF", 0)

_SW_HSI, _SW_PLL, _PLLSRC_HSI = 0, 3, 1
_WIDE = 0  # the VCO's range
_SCALE_0 = 3
_HSI_HZ, _HSI_BY_2 = 32 * MHZ, 1  # 64 MHz, halved after reset

# DS14258 "General operating conditions" and "PLL characteristics"; RM0481 table "FLASH recommended
# number of wait states and programming delay", voltage scale 0.
_CORE_HZ = 250 * MHZ
_FLASH_HZ = (42 * MHZ, 84 * MHZ, 126 * MHZ, 168 * MHZ, 210 * MHZ, 250 * MHZ)
_DELAY = 2  # at 4 or 5 wait states
_PLL = PllRange(
    (2 * MHZ, 16 * MHZ), (192 * MHZ, 836 * MHZ), range(1, 64), range(4, 513), (2, 4, 6, 8)
)


def _fast(part: str, clock: Clock, source_hz: int) -> Plan | None:
    if clock.external:
        return None
    pll = solve_pll(source_hz, _CORE_HZ, _PLL)
    latency = wait_states(pll.output_hz, _FLASH_HZ)
    input_range = sum(pll.input_hz >= start * MHZ for start in (2, 4, 8))
    steps = (
        together((_LATENCY, latency), (_WRHIGHFREQ, _DELAY), (_PRFTEN, 1)), _LATENCY.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        _HSIDIV.set(_HSI_BY_2), _HSIDIVF.wait(1),
        _VOS.set(_SCALE_0), _VOSRDY.wait(1),
        together(
            (_PLLSRC, _PLLSRC_HSI), (_RGE, input_range), (_FRACEN, 0), (_VCOSEL, _WIDE),
            (_PLLM, pll.m), (_PLLPEN, 1),
        ),
        together((_PLLN, pll.n - 1), (_PLLP, pll.divider - 1)),
        together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0), (_PPRE3, 0)),
        _PLLON.set(1), _PLLRDY.wait(1),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
        _ICACHE_BUSY.wait(0), _ICACHE_EN.set(1),
    )  # fmt: skip
    hz = pll.output_hz
    return Plan(clock.source, hz, hz, hz, steps)


FAMILY = Family(
    "stm32h5([03]3|23|6[23]|73)",
    _HSI_HZ,
    Plan(
        "reset", _HSI_HZ, _HSI_HZ, _HSI_HZ,
        (
            _SW.set(_SW_HSI),
            together((_HPRE, 0), (_PPRE1, 0), (_PPRE2, 0), (_PPRE3, 0)),
            _HSIDIV.set(_HSI_BY_2),
        ),
    ),
    _fast,
)  # fmt: skip
