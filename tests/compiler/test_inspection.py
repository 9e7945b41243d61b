# SPDX-License-Identifier: Apache-2.0
"""Memory as people read it, and the command that shows it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from netsuke.cli import main
from netsuke.compiler.inspection import buffer_names, inspection, named, peak
from netsuke.compiler.planning import Planned, Wishes, place, plan
from netsuke.compiler.schedule import Region, Schedule
from netsuke.memory_planner import validate
from tests.compiler.test_timetable import MEAN, TWO_CONVS
from tests.support.random_networks import random_network
from tests.support.small_models import convolutional


def mean_in_one_region() -> Planned:
    region = Region(MEAN.ops, stream=0, reduced=frozenset({1}))
    return place(MEAN, Schedule((region,), {0: 1, 1: 1}), "portable", Wishes(streamed=True))


def test_buffers_are_named_after_what_they_hold() -> None:
    planned = mean_in_one_region()
    names = buffer_names(planned)
    assert {b.name: names[b.name] for b in planned.problem.buffers} == {
        "t0": "input x, 3 of 8 rows",
        "t1": "0 conv_2d, 1 of 8 rows",
        "t2": "1 mean",
        "acc1": "sums of 1 mean",
    }


def test_named_problems_are_solved_by_the_named_solution() -> None:
    for seed in range(20):
        planned = plan(random_network(seed), "portable", Wishes(time_limit_s=0.3))
        assert validate(*named(planned)) == []
        assert peak(planned).bytes_in_use <= planned.memory.arena_bytes


def test_the_peak_counts_shared_storage_once() -> None:
    schedule = Schedule((Region(TWO_CONVS.ops[:1]), Region(TWO_CONVS.ops[1:])), {0: 1, 1: 1})
    highest = peak(place(TWO_CONVS, schedule, "portable"))
    # Two images of 64 bytes, one 16 bytes before the other.
    assert (highest.region, highest.bytes_in_use) == (0, 64 + 16)
    assert {b.name for b in highest.buffers} == {"input x", "0 conv_2d"}


def test_inspection_is_plain_data() -> None:
    report = json.loads(json.dumps(inspection(mean_in_one_region())))
    assert report["regions"] == [{"layers": ["0 conv_2d", "1 mean"], "streamed": True}]
    ends = [b["offset"] + b["size_bytes"] for b in report["buffers"]]
    assert max(ends) == report["arena_bytes"]
    assert report["peak"]["region"] == 0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.tflite"
    path.write_bytes(convolutional())
    return path


def inspect(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


def test_the_terminal_shows_addresses_over_time(model: Path) -> None:
    done = inspect(model)
    assert done.exit_code == 0, done.output
    for part in ("ram: ", "^", "input t0", "region 0", "(peak)", "in use in region"):
        assert part in done.output, part


def test_svg_and_json(model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "memory.svg"
    done = inspect(model, "--input", "streamed", "--memory", picture, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    titles = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == sum(b["size_bytes"] > 0 for b in report["buffers"])
    for buffer in report["buffers"]:
        assert any(t.startswith(f"{buffer['name']}: ") for t in titles), buffer


def test_a_file_that_cannot_be_written_is_one_line(model: Path, tmp_path: Path) -> None:
    done = inspect(model, "--memory", tmp_path / "none" / "memory.svg")
    assert done.exit_code == 2
    assert "want a file to write" in done.stderr.splitlines()[-1]


def test_over_budget_the_answer_is_no(model: Path) -> None:
    done = inspect(model, "--ram-budget", "100", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "as the smallest arena, want at most 100 (hint: alive at the peak" in done.stderr
