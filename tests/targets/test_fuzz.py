# SPDX-License-Identifier: Apache-2.0
"""libFuzzer on the frame parser and on the agent, with address and undefined-behaviour sanitizers.

NETSUKE_FUZZ_S sets for how many seconds each slow test runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from netsuke.targets.firmware import RUNTIME_C
from tests.targets.conftest import FOLDER

AGENT = RUNTIME_C / "agent"
SECONDS = int(os.environ.get("NETSUKE_FUZZ_S", "600"))

SOURCES = {
    "frame": [FOLDER / "frame_fuzz.c", AGENT / "frame.c"],
    "agent_whole": [FOLDER / "glue_external.c"],
    "agent_stream": [FOLDER / "glue_stream.c"],
}
"""The last two are the agent with a model that takes its input whole or row by row."""


def fuzz(name: str, directory: Path, *limits: str) -> None:
    """Fails on any finding; a request that takes over 5 s is one, memory over 512 MB another."""
    if shutil.which("clang") is None:
        pytest.skip("no clang on this machine")
    sources = SOURCES[name]
    if name.startswith("agent"):
        agent = [AGENT / "frame.c", AGENT / "watermark.c"]
        sources = [FOLDER / "agent_fuzz.c", *sources, *agent]
    flags = ["-std=c99", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-DNO_MAIN"]
    flags += ["-fno-sanitize-recover=all", f"-I{AGENT}", f"-I{RUNTIME_C / 'include'}"]
    program = directory / name
    subprocess.run(["clang", *flags, *sources, "-o", program], check=True)
    corpus = directory / "corpus"
    corpus.mkdir()
    command = [program, "-timeout=5", "-rss_limit_mb=512", "-max_len=4096", *limits, corpus]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    print(done.stderr[-600:])
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize("name", SOURCES)
def test_no_findings(name: str, tmp_path: Path) -> None:
    fuzz(name, tmp_path, "-runs=30000", "-seed=1")


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_no_findings_for_long(name: str, tmp_path: Path) -> None:
    fuzz(name, tmp_path, f"-max_total_time={SECONDS}")
