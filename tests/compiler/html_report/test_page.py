# SPDX-License-Identifier: Apache-2.0
"""The page of a profile: complete, self-contained, harmless, and fine in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from netsuke.compiler.boards import Place
from netsuke.compiler.driver import Options
from netsuke.compiler.html_report import page
from netsuke.compiler.profiling import Profile, profile
from netsuke.targets.target import find_target
from tests.support.browser import Browser, browser, find_browser
from tests.support.small_models import convolutional

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    path = tmp_path_factory.mktemp("page") / "small.tflite"
    path.write_bytes(convolutional())
    place = Place(find_target("mps2-an386"), None)
    return profile(path, place, Options(), lambda _: None, seed=1, runs=1)


class Elements(HTMLParser):
    """The text of a page, and the names and attributes of its elements."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_layer_and_figure_is_shown(measured: Profile) -> None:
    found = Elements(page(measured))
    result = measured.result
    for layer in result["layers"]:
        # in the bars, the graph and the quantization table
        assert found.text.count(layer["name"]) >= 3
        assert f"{layer['count']:,}" in found.text
    for figure in (result["total"], result["ram"]["arena_bytes"], result["flash"]["total_bytes"]):
        assert f"{figure:,}" in found.text
    assert found.names.count("svg") == 2
    assert result["model"]["sha256"] in found.text


def test_cycles_are_also_time_at_the_clock(measured: Profile) -> None:
    changed = {"unit": "cycles", "total": 1_234_500, "clock_hz": 168_000_000}
    found = Elements(page(replace(measured, result={**measured.result, **changed})))
    assert "7.348" in found.text and "at 168 MHz" in found.text
    assert "milliseconds" not in Elements(page(measured)).text


def test_nothing_is_loaded_and_nothing_runs(measured: Profile) -> None:
    found = Elements(page(measured))
    assert not {"script", "iframe", "img", "object", "embed"} & set(found.names)
    assert found.attributes["href"] == ["data:,"]
    assert "src" not in found.attributes
    assert not [name for name in found.attributes if name.startswith("on")]


def test_names_from_a_model_file_stay_text(measured: Profile) -> None:
    planned = measured.compiled.planned
    evil = "<script>alert('x')</script>&\""
    tensors = {t: replace(v, name=evil) for t, v in planned.graph.tensors.items()}
    graph = replace(planned.graph, tensors=tensors)
    changed = replace(measured.compiled, planned=replace(planned, graph=graph))
    document = page(replace(measured, compiled=changed))
    assert "<script" not in document and "&lt;script&gt;" in document
    assert evil in Elements(document).text


def test_the_same_profile_gives_the_same_page(measured: Profile) -> None:
    assert page(measured) == page(measured)


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    if find_browser() is None:
        pytest.skip("no Chromium is installed (scripts/tools.sh browser)")
    with browser() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_browser_shows_it(
    measured: Profile, tab: Browser, tmp_path: Path, size: str, scheme: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(measured), encoding="utf-8")
    width, height = SIZES[size]
    tab.requests.clear()
    tab.show(path, width, height, scheme)
    assert tab.problems == []
    assert tab.requests == [path.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") == width, "it scrolls sideways"
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 3 * 64) == (scheme == "dark"), paper
    smallest = "Math.min(...[...document.querySelectorAll('.bars .track')].map(e => e.offsetWidth))"
    assert tab.evaluate(smallest) > 150
    folder = os.environ.get("NETSUKE_SCREENSHOTS")
    shot = tab.screenshot(whole=True)
    if folder:
        (Path(folder) / f"{size}-{scheme}.png").write_bytes(shot)
    assert shot.startswith(b"\x89PNG") and len(shot) > 20_000


def test_a_published_model_takes_less_than_a_megabyte(models_dir: Path) -> None:
    place = Place(find_target("mps2-an386"), None)
    model = models_dir / "vww_96_int8.tflite"
    found = profile(model, place, Options(), lambda _: None, seed=1, runs=1)
    assert len(page(found).encode()) < 1_000_000
