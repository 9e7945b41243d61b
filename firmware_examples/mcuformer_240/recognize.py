# SPDX-License-Identifier: Apache-2.0
"""Shows pictures to a board that runs main.c and compares its scores with tflite-micro's.

Usage: python recognize.py PORT [COUNT]
PORT is anything pyserial opens: /dev/ttyACM0, socket://localhost:4321. The pictures are noise from
a fixed seed. The exit status is 1 where a byte differs, 3 where the board fails.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import serial
from numpy.typing import NDArray

from netsuke.compiler.oracle import Oracle

MODEL = Path(__file__).parent / "mcuformer_240.tflite"
SIDE, CLASSES, SEED, BAUD = 240, 1000, 1, 115200
READY_TRIES, TRY_S, ANSWER_TIMEOUT_S = 60, 1.0, 600.0


class BoardError(Exception):
    """The board did not answer, or said what is wrong with it."""


def scores(link: serial.SerialBase, picture: NDArray[np.int8]) -> NDArray[np.int8]:
    """What the board makes of an int8 picture [240, 240, 3]."""
    link.write(b"p")
    for row in picture.view(np.uint8) ^ 0x80:
        link.write(row.tobytes())
    while (line := link.readline()) == b"ready\n":  # it was asked more often than it first heard
        pass
    answer = link.read(CLASSES)
    if line != b"scores\n" or len(answer) < CLASSES:
        raise BoardError(f"{line + answer!r:.40} instead of {CLASSES} scores")
    return np.frombuffer(answer, np.int8)


def connect(port: str) -> serial.SerialBase:
    """Opens the line and asks until the board, which may just be starting, says how it is."""
    link = serial.serial_for_url(port, BAUD, timeout=TRY_S)
    for _ in range(READY_TRIES):
        link.write(b"?")
        if answer := link.readline().decode("ascii", "replace").strip():
            break
    if answer != "ready":
        raise BoardError(answer or f"silent for {READY_TRIES} tries")
    link.timeout = ANSWER_TIMEOUT_S
    return link


def main(port: str, count: int) -> int:
    """Returns the exit status."""
    pictures = np.random.default_rng(SEED).integers(-128, 128, (count, SIDE, SIDE, 3), np.int8)
    oracle, different = Oracle(MODEL.read_bytes()), 0
    try:
        with connect(port) as link:
            for number, picture in enumerate(pictures):
                got = scores(link, picture)
                (want,) = oracle.run([picture[np.newaxis]])
                wrong = int(np.count_nonzero(got != want.ravel()))
                different += wrong
                print(f"picture {number}: class {got.argmax()}, {wrong} of {CLASSES} bytes differ")
    except (serial.SerialException, BoardError) as error:
        print(f"recognize.py: {port}: {error}", file=sys.stderr)
        return 3
    return 1 if different else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print("usage: python recognize.py PORT [COUNT]", file=sys.stderr)
        sys.exit(2)
    if not MODEL.is_file():
        print(f"recognize.py: no {MODEL.name}: python build_model.py", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 1))
