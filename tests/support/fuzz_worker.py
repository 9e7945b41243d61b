# SPDX-License-Identifier: Apache-2.0
"""Reads damaged files one after the other, in a process with little memory and time for each.

    python -m tests.support.fuzz_worker FIRST_SEED COUNT [MODEL ...]

Prints one JSON object: how many files were read, refused, and for which seeds something else
happened than an InputError or a sound graph that passes and planner can work on. On the way, one
line on standard error for each such seed, and for every thousand files where it stands. SIGTERM and
SIGINT end it after the file at hand, with the object of the files so far and "next", the seed to go
on from.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from netsuke.compiler.errors import InputError
from netsuke.compiler.frontend import read_model
from netsuke.compiler.passes.pipeline import run_passes
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.verify import verify
from tests.support.damage import Victim, damaged, victim
from tests.support.small_models import SMALL_MODELS

MEMORY_BYTES = 512 << 20
READ_S, PLAN_S = 2.0, 20.0
"""Processor time, so that a busy machine does not look like a hang. Damage to a weight leaves a
network that is planned like the sound one, which may take seconds."""

PLANNED_OPS = 32
"""Longer networks are read and optimized, but planning thousands of them takes hours."""


PROGRESS = 1_000
"""Files between two lines of progress."""


class TooSlow(BaseException):
    """Not an Exception, so that nothing on the way can swallow it."""


def main(first: int, count: int, paths: list[Path]) -> None:
    victims = [victim(make()) for make in SMALL_MODELS.values()]
    victims += [victim(path.read_bytes()) for path in paths]
    signal.signal(signal.SIGPROF, _too_slow)
    _outcome(victims[0].data)  # imports are not charged to the first damaged file
    _limit_memory()
    print(json.dumps(_read_all(first, first + count, victims)))


def _read_all(first: int, end: int, victims: list[Victim]) -> dict[str, object]:
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, frame: stops.append(got))
    outcomes = {"graph": 0, "refused": 0}
    failures: dict[int, str] = {}
    seed = first
    while seed < end and not stops:
        outcome = _one(seed, victims)
        if outcome in outcomes:
            outcomes[outcome] += 1
        else:
            failures[seed] = outcome
            print(f"seed {seed}: {outcome}", file=sys.stderr, flush=True)
        seed += 1
        if (seed - first) % PROGRESS == 0:
            print(f"{seed - first} files, {outcomes}", file=sys.stderr, flush=True)
    return {"outcomes": outcomes, "failures": failures, "next": seed}


def _one(seed: int, victims: list[Victim]) -> str:
    data = damaged(seed, victims)
    try:
        return _outcome(data)
    except BaseException as error:  # the worker exists to see what escapes
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _outcome(data: bytes) -> str:
    signal.setitimer(signal.ITIMER_PROF, READ_S)
    try:
        graph = read_model(data, "damaged")
    except InputError as error:
        text = str(error)
        assert text.isprintable() and error.exit_status == 2, text
        return "refused"
    signal.setitimer(signal.ITIMER_PROF, PLAN_S)
    verify(graph)
    optimized = run_passes(graph)
    if len(optimized.ops) <= PLANNED_OPS:
        plan(optimized, "portable", Wishes(time_limit_s=1.0))
    return "graph"


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _too_slow(signum: int, frame: FrameType | None) -> None:
    raise TooSlow


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [Path(p) for p in sys.argv[3:]])
