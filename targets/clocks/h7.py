# SPDX-License-Identifier: Apache-2.0
"""STM32 H74x, H75x (RM0433, RM0399), H72x, H73x (RM0468) and H7A3, H7B0, H7B3 (RM0455).

Registers: chapters "Reset and clock control", "Power control" and "Embedded flash memory". The
supply must be told first, once after power-up, and must be what the board wires: section "System
supply startup" (RM0433 6.4.1, RM0399 7.4.1, RM0455 6.4.1; RM0468 has the same). A part that is told
of a regulator it is not wired to stops, so none is guessed where a part has two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netsuke.targets.board import Clock
from netsuke.targets.clocks.fields import Field, external_clock, together
from netsuke.targets.clocks.plan import MHZ, Family, Plan, PllRange, solve_pll, wait_states
from netsuke.targets.registers import Step

_RCC, _PWR, _FLASH, _SYSCFG = 0x58024400, 0x58024800, 0x52002000, 0x58000400


def _rcc_cr(name: str, bit: int) -> Field:
    return Field("RCC_CR", _RCC, name, bit)


_HSION, _HSIRDY = _rcc_cr("HSION", 0), _rcc_cr("HSIRDY", 2)
_PLLON, _PLLRDY = _rcc_cr("PLL1ON", 24), _rcc_cr("PLL1RDY", 25)
_SW, _SWS = Field("RCC_CFGR", _RCC + 0x10, "SW", 0, 3), Field("RCC_CFGR", _RCC + 0x10, "SWS", 3, 3)
# The H7A3 calls D1CFGR, D2CFGR and D3CFGR CDCFGR1, CDCFGR2 and SRDCFGR; the fields are the same.
_HPRE, _D1PPRE, _D1CPRE = (
    Field("RCC_D1CFGR", _RCC + 0x18, *where)
    for where in (("HPRE", 0, 4), ("D1PPRE", 4, 3), ("D1CPRE", 8, 4))
)
_D2PPRE1, _D2PPRE2 = (
    Field("RCC_D2CFGR", _RCC + 0x1C, *where) for where in (("D2PPRE1", 4, 3), ("D2PPRE2", 8, 3))
)
_D3PPRE = Field("RCC_D3CFGR", _RCC + 0x20, "D3PPRE", 4, 3)
_PLLSRC, _DIVM1 = (
    Field("RCC_PLLCKSELR", _RCC + 0x28, *where) for where in (("PLLSRC", 0, 2), ("DIVM1", 4, 6))
)
_FRACEN, _VCOSEL, _RGE, _DIVP1EN = (
    Field("RCC_PLLCFGR", _RCC + 0x2C, *where)
    for where in (("PLL1FRACEN", 0), ("PLL1VCOSEL", 1), ("PLL1RGE", 2, 2), ("DIVP1EN", 16))
)
_DIVN1, _DIVP1 = (
    Field("RCC_PLL1DIVR", _RCC + 0x30, *where) for where in (("DIVN1", 0, 9), ("DIVP1", 9, 7))
)
_SYSCFGEN = Field("RCC_APB4ENR", _RCC + 0xF4, "SYSCFGEN", 1)
_ACTVOSRDY = Field("PWR_CSR1", _PWR + 0x04, "ACTVOSRDY", 13)
# Bit 2 is SCUEN on parts without a switching supply, and has to be written 0 there.
_BYPASS, _LDOEN, _SMPSEN = (
    Field("PWR_CR3", _PWR + 0x0C, *where) for where in (("BYPASS", 0), ("LDOEN", 1), ("SMPSEN", 2))
)
_VOS, _VOSRDY = (
    Field("PWR_D3CR", _PWR + 0x18, *where) for where in (("VOS", 14, 2), ("VOSRDY", 13))
)
_ODEN = Field("SYSCFG_PWRCR", _SYSCFG + 0x2C, "ODEN", 0)
_LATENCY, _WRHIGHFREQ = (
    Field("FLASH_ACR", _FLASH, *where) for where in (("LATENCY", 0, 4), ("WRHIGHFREQ", 4, 2))
)
_SW_HSI, _SW_PLL = 0, 3
_PLLSRC_HSI, _PLLSRC_HSE = 0, 2
_HPRE_BY, _PPRE_2 = {1: 0, 2: 8}, 4
_WIDE = 0  # the VCO's range
_HSI_HZ = 64 * MHZ


@dataclass(frozen=True, slots=True)
class _Limits:
    """Full speed at one voltage scale. The bus runs at core clock / `bus_divider`, the peripherals
    at half of that; `dividers` are those of the PLL. `overdrive` is what the H74x needs for its
    scale 0."""

    core_mhz: int
    bus_divider: int
    vos: int
    flash_mhz: tuple[int, ...]
    vco_mhz: tuple[int, int]
    overdrive: bool = False
    dividers: tuple[int, ...] = (2, 4, 6, 8)


# Wait states: RM0433 table 17, RM0455 table 15, RM0468 "FLASH recommended number of wait states and
# programming delay". DS12110, DS13313 and DS13195, "General operating conditions" and "PLL
# characteristics". An H72x reaches 550 MHz only with the
# option bit CPUFREQ_BOOST, which takes the ECC from its TCM: 520 needs no option.
_H74_SCALE_1 = _Limits(400, 2, 3, (70, 140, 210, 225), (192, 836))
_H74_SCALE_0 = _Limits(480, 2, 3, (70, 140, 210, 225, 240), (192, 960), overdrive=True)
_H72_SCALE_0 = _Limits(520, 2, 0, (70, 140, 210, 275), (192, 836), dividers=(1, 2, 4, 6, 8))
_H7A_SCALE_0 = _Limits(280, 1, 3, (42, 84, 126, 168, 210, 252, 280), (128, 560))


def _limits(part: str, clock: Clock) -> _Limits | None:
    """None where the board does not say which of two regulators feeds the part."""
    if re.match("stm32h7[ab]", part):
        return _H7A_SCALE_0 if clock.supply else None
    if re.match("stm32h7[23]", part):
        two = re.match("stm32h7(25|30|35)", part)  # of the H730, some packages
        return _H72_SCALE_0 if clock.supply == "ldo" or not two else None
    if re.match("stm32h7[45][57]", part) and not clock.supply:
        return None
    return _H74_SCALE_0 if clock.boost else _H74_SCALE_1


def _fast(part: str, clock: Clock, source_hz: int) -> Plan | None:
    limits = _limits(part, clock)
    if limits is None:
        return None
    vco_hz = (limits.vco_mhz[0] * MHZ, limits.vco_mhz[1] * MHZ)
    # P has to be even, or 1 on an H72x; inputs of 2 MHz or more have the wide range of the VCO.
    allowed = PllRange((2 * MHZ, 16 * MHZ), vco_hz, range(1, 64), range(4, 513), limits.dividers)
    pll = solve_pll(source_hz, limits.core_mhz * MHZ, allowed)
    bus_hz = pll.output_hz // limits.bus_divider
    latency = wait_states(bus_hz, [mhz * MHZ for mhz in limits.flash_mhz])
    input_range = sum(pll.input_hz >= start * MHZ for start in (2, 4, 8))
    steps = (
        *_supply(clock),
        together((_LATENCY, latency), (_WRHIGHFREQ, 3)), _LATENCY.wait(latency),
        _HSION.set(1), _HSIRDY.wait(1), _SW.set(_SW_HSI), _SWS.wait(_SW_HSI),
        _PLLON.set(0), _PLLRDY.wait(0),
        *external_clock(_RCC, clock),
        _VOS.set(limits.vos), _VOSRDY.wait(1),
        *((_SYSCFGEN.set(1), _ODEN.set(1), _VOSRDY.wait(1)) if limits.overdrive else ()),
        together((_PLLSRC, _PLLSRC_HSE if clock.external else _PLLSRC_HSI), (_DIVM1, pll.m)),
        together((_FRACEN, 0), (_VCOSEL, _WIDE), (_RGE, input_range), (_DIVP1EN, 1)),
        together((_DIVN1, pll.n - 1), (_DIVP1, pll.divider - 1)),
        _PLLON.set(1), _PLLRDY.wait(1),
        *_prescalers(_HPRE_BY[limits.bus_divider], _PPRE_2),
        _SW.set(_SW_PLL), _SWS.wait(_SW_PLL),
    )  # fmt: skip
    return Plan(clock.source, pll.output_hz, bus_hz // 2, bus_hz // 2, steps)


def _supply(clock: Clock) -> tuple[Step, ...]:
    smps = int(clock.supply == "smps")
    choice = together((_BYPASS, 0), (_LDOEN, 1 - smps), (_SMPSEN, smps))
    return (choice, _ACTVOSRDY.wait(1))


def _prescalers(bus: int, peripherals: int) -> tuple[Step, ...]:
    return (
        together((_HPRE, bus), (_D1PPRE, peripherals), (_D1CPRE, 0)),
        together((_D2PPRE1, peripherals), (_D2PPRE2, peripherals)),
        _D3PPRE.set(peripherals),
    )


FAMILY = Family(
    "stm32h7([2-5][0-9]|[ab][03])",
    _HSI_HZ,
    Plan("reset", _HSI_HZ, _HSI_HZ, _HSI_HZ, (_SW.set(_SW_HSI), *_prescalers(0, 0))),
    _fast,
)
