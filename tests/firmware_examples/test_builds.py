# SPDX-License-Identifier: Apache-2.0
"""The examples' programs build for their targets, and do there what their READMEs say."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_examples.fashion_mnist import dataset, send
from netsuke.compiler.driver import Options, build, compile_graph
from netsuke.targets.firmware import Firmware
from netsuke.targets.target import find_target
from netsuke.targets.toolchain import find_tool

EXAMPLES = Path(dataset.__file__).parents[1]
FASHION = EXAMPLES / "fashion_mnist"


def built(model: Path, program: Path | None, target: str, folder: Path) -> Firmware:
    options, found = Options(program=program), find_target(target)
    compiled = compile_graph(model, found, options, lambda line: None)
    return build(compiled, found, folder, options, lambda line: None)


@pytest.mark.parametrize("target", ["nucleo_f446re", "stm32f746g_disco"])
def test_fashion_mnist_builds(target: str, tmp_path: Path) -> None:
    model = FASHION / "fashion_mnist.tflite"
    firmware = built(model, FASHION / "main.c", target, tmp_path)
    assert 20_000 < firmware.bin.stat().st_size < 64_000


@contextlib.contextmanager
def waiting(machine: str, elf: Path) -> Iterator[str]:
    """The emulator as the READMEs start it: it begins when somebody opens the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serial = f"tcp:127.0.0.1:{port},server=on,wait=on"
    command = [find_tool("qemu-system-arm"), "-machine", machine, "-kernel", elf, "-serial", serial]
    command += ["-display", "none", "-monitor", "none"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "waiting for connection" not in process.stderr.readline():
            assert process.poll() is None
        yield f"socket://127.0.0.1:{port}"
        process.kill()


def test_fashion_mnist_names_what_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FASHION / "fashion_mnist.tflite"
    firmware = built(model, FASHION / "main.c", "netduinoplus2", tmp_path)
    monkeypatch.setattr(send, "READY_TIMEOUT_S", 30.0)  # a busy machine
    with waiting("netduinoplus2", firmware.elf) as port:
        assert send.main(port, FASHION / "images.npy") == 0
    assert capsys.readouterr().out.splitlines() == list(dataset.LABEL_NAMES)


@pytest.mark.parametrize("target", ["netduinoplus2", "nucleo_f446re"])
def test_vit_fashion_mnist_builds(target: str, tmp_path: Path) -> None:
    folder = EXAMPLES / "vit_fashion_mnist"
    firmware = built(folder / "vit_fashion_mnist.tflite", None, target, tmp_path)
    assert 130_000 < firmware.bin.stat().st_size < 300_000
