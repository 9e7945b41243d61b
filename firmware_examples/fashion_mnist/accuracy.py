# SPDX-License-Identifier: Apache-2.0
"""Runs test images through a board, or the emulated one, and through tflite-micro.

Usage: python accuracy.py MODEL TARGET COUNT [PORT]
Prints how many labels are right on each side and how many differ between the two; the exit status
is 1 where any differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dataset

from netsuke.compiler.boards import Place, running
from netsuke.compiler.driver import Options
from netsuke.compiler.errors import NetsukeError
from netsuke.compiler.oracle import Oracle
from netsuke.targets.target import find_target

REPORT_EVERY = 100


def main(model: Path, target: str, count: int, port: str | None) -> int:
    """Returns the exit status."""
    split = dataset.load("t10k")
    images, labels = split.images[:count], split.labels[:count]
    right = expected = different = 0
    place = Place(find_target(target), port)
    with running(model, place, Options(), lambda line: print(line, file=sys.stderr)) as session:
        compiled, client = session
        oracle = Oracle(compiled.file.data)
        for i, (image, label) in enumerate(zip(images, labels, strict=True), start=1):
            board = client.run(image.tobytes())
            (reference,) = oracle.run([image.reshape(1, 28, 28, 1)])
            got = max(range(len(board)), key=lambda k: (board[k] + 128) % 256)
            want = int(reference.argmax())
            right, expected = right + (got == label), expected + (want == label)
            different += got != want
            if i % REPORT_EVERY == 0:
                print(f"{i}/{len(images)}", file=sys.stderr)
    print(
        f"{len(images)} images on {target}: {right / len(images):.1%} right, "
        f"tflite-micro {expected / len(images):.1%}, {different} labels differ"
    )
    return 1 if different else 0


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        print("usage: python accuracy.py MODEL TARGET COUNT [PORT]", file=sys.stderr)
        sys.exit(2)
    try:
        status = main(
            Path(sys.argv[1]),
            sys.argv[2],
            int(sys.argv[3]),
            sys.argv[4] if len(sys.argv) == 5 else None,
        )
    except NetsukeError as error:
        print(f"accuracy.py: {error}", file=sys.stderr)
        status = error.exit_status
    sys.exit(status)
