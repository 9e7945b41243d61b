# SPDX-License-Identifier: Apache-2.0
"""How the program ends: wrong use in one line, signals, a reader that leaves, a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from netsuke.cli import main
from netsuke.console import report_errors
from tests.support.small_models import convolutional

NETSUKE = (sys.executable, "-m", "netsuke.cli")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("frobnicate",), "No such command 'frobnicate' (hint: netsuke --help)"),
        (("compile",), "compile: Missing argument 'MODEL' (hint: netsuke compile --help)"),
        (
            ("check", "m", "--ram-budget", "12X"),
            "check: Invalid value for '--ram-budget': got '12X', want bytes such as 65536, 64K or "
            "1M (hint: netsuke check --help)",
        ),
    ],
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], line: str) -> None:
    result = CliRunner().invoke(main, arguments, prog_name="netsuke")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"netsuke: {line}\n")


def test_without_a_command_there_is_help() -> None:
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 2 and "A first round" in result.stderr


def test_every_command_is_told_in_one_whole_line() -> None:
    text = CliRunner().invoke(main, ["--help"], terminal_width=80).stdout
    listed = text.split("Commands:\n")[1].splitlines()
    assert len(listed) == len(main.commands)
    assert not [line for line in listed if line.endswith("...")]


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_shows_how_it_is_called(command: str) -> None:
    text = CliRunner().invoke(main, [command, "--help"]).stdout
    assert f"  netsuke {command}" in text


def test_a_reader_that_leaves_is_no_failure() -> None:
    with subprocess.Popen(
        (*NETSUKE, "targets", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert (child.stderr.read(), child.wait()) == (b"", 128 + signal.SIGPIPE)


def test_no_memory_left_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        report_errors(lambda: np.empty(1 << 58))()
    line = "netsuke: memory: got none left (hint: does the model file claim huge sizes?)\n"
    assert (end.value.code, capsys.readouterr().err) == (3, line)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            (*NETSUKE, "targets"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    want = "netsuke: input or output: got No space left on device\n"
    assert (done.stderr, done.returncode) == (want, 3)


def test_a_terminal_of_ascii_alone(tmp_path: Path) -> None:
    model = tmp_path / "zündung.tflite"
    model.write_bytes(convolutional())
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for command in ("check", "profile"):
        done = subprocess.run(
            (*NETSUKE, command, model, "-t", "host"),
            env=ascii_only,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert b"###" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_leave_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    """Neither temporary files nor half a directory, whatever the compiler was at."""
    model, temporary = tmp_path / "small.tflite", tmp_path / "temporary"
    model.write_bytes(convolutional())
    temporary.mkdir()
    command = (*NETSUKE, "compile", model, "-t", "host", "-o", tmp_path / "out")
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=lambda: signal.signal(
            number, signal.SIG_DFL
        ),  # a job in the background has none
    ) as child:
        assert child.stderr is not None
        while "building" not in child.stderr.readline():
            pass
        child.send_signal(number)
        said = child.stderr.read()
        assert child.wait() == 128 + number
    assert "Traceback" not in said
    assert ("interrupted" in said) == (number == signal.SIGINT)
    assert not list(temporary.iterdir()) and not (tmp_path / "out").exists()
