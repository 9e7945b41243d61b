# SPDX-License-Identifier: Apache-2.0
"""What pages show of commands is what the commands print."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.transcripts import updated

README = Path(__file__).parents[1] / "README.md"
MEASURED_WITH = "arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1"
"""Figures of code are those of one compiler."""


def test_shown_lines_follow_the_output() -> None:
    page = """Text
    $ netsuke targets f746
    name              core         flash    RAM  for
    ...
    stm32f746g_disco  cortex-m7  9 K  9 K  none

    stm32f746g_disco  is no part of it
"""
    row = (
        "stm32f746g_disco  cortex-m7  1,024 K  320 K"
        + " " * 15
        + "ST 32F746GDISCOVERY (STM32F746NG)"
    )
    shown = updated(page).split("\n")
    assert shown[2] == "    name              core         flash    RAM  for --place  what it is"
    assert shown[3:5] == ["    ...", f"    {row}"]
    assert shown[6:] == page.split("\n")[6:]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("    $ netsuke targets f746\n    stm32z", "no such line is printed: stm32z"),
        ("    $ netsuke targets nothing", "netsuke targets nothing: status 2: netsuke: target: "),
    ],
)
def test_a_page_that_cannot_be_true(page: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        updated(page)


def _compiler() -> str:
    if shutil.which("arm-none-eabi-gcc") is None:
        return "none"
    done = subprocess.run(
        ["arm-none-eabi-gcc", "--version"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(MEASURED_WITH not in _compiler(), reason=f"figures are of {MEASURED_WITH}")
def test_the_readme_shows_what_is_printed() -> None:
    text = README.read_text(encoding="utf-8")
    assert updated(text) == text, "make transcripts"
