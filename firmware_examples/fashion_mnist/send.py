# SPDX-License-Identifier: Apache-2.0
"""Sends pictures to a board that runs main.c and prints the label it answers for each.

Usage: python send.py PORT [IMAGES.npy]
PORT is anything pyserial opens: /dev/ttyACM0, socket://localhost:4321. IMAGES.npy holds int8
[n, 28, 28, 1] as dataset.py gives them; images.npy of this folder by default.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import serial

BAUD = 115200
READY_TIMEOUT_S = 2.0  # no "ready" line by then: the board had started before we opened the port
ANSWER_TIMEOUT_S = 30.0


def main(port: str, images: Path) -> int:
    """Returns the exit status: 0, or 3 when the port cannot be opened or the board falls silent."""
    try:
        with serial.serial_for_url(port, BAUD, timeout=READY_TIMEOUT_S) as link:
            link.readline()
            link.timeout = ANSWER_TIMEOUT_S
            for image in np.load(images):
                link.write((image.view(np.uint8) ^ 0x80).tobytes())
                answer = link.readline().decode("ascii", "replace")
                if not answer.endswith("\n"):
                    print(f"send.py: {port}: no answer in {ANSWER_TIMEOUT_S:g} s", file=sys.stderr)
                    return 3
                print(answer, end="", flush=True)
    except serial.SerialException as error:
        print(f"send.py: {port}: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print("usage: python send.py PORT [IMAGES.npy]", file=sys.stderr)
        sys.exit(2)
    default = Path(__file__).parent / "images.npy"
    sys.exit(main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) == 3 else default))
