# SPDX-License-Identifier: Apache-2.0
"""Problems of the kinds that real networks make, from a seed. Writes the corpus when run:

python -m tests.memory_planner.families
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from netsuke.memory_planner import Buffer, Overlap, Problem, minimal_distance, solve
from netsuke.memory_planner.text import format_problem

CORPUS = Path(__file__).parent / "corpus"


def chain(random: Random) -> Problem:
    """A plain CNN: each operator reads one tensor and has scratch of its own."""
    sizes = _pyramid(random, 16)
    return Problem((*_tensors(sizes), *_scratch(random, len(sizes) - 1)))


def in_place_chain(random: Random) -> Problem:
    """A CNN with elementwise operators that may run in place, or with a distance."""
    sizes = _pyramid(random, 24)
    overlaps = []
    for i in range(1, len(sizes)):
        if random.random() < 0.5:
            distance = 0 if sizes[i] <= sizes[i - 1] else random.randrange(sizes[i])
            overlaps.append(Overlap(f"t{i}", f"t{i - 1}", distance))
    return Problem((*_tensors(sizes), *_scratch(random, len(sizes) - 1)), tuple(overlaps))


def residual(random: Random) -> Problem:
    """Blocks whose input stays alive until it is added; the sum may take its place."""
    buffers, overlaps = [], []
    side, channels, time = 32, 16, 0
    previous, size = "in", side * side * channels
    start = 0
    for block in range(6):
        if block % 2 and side > 8:
            side, channels = side // 2, channels * 2
        inner = side * side * channels
        names = [f"b{block}_conv1", f"b{block}_conv2", f"b{block}_sum"]
        buffers.append(Buffer(previous, size, start, time + 3))
        buffers.append(Buffer(names[0], inner, time, time + 2))
        buffers.append(Buffer(names[1], inner, time + 1, time + 3))
        buffers.append(Buffer(f"b{block}_scratch", random.randrange(200, 5000), time, time + 1))
        overlaps.append(Overlap(names[2], names[1], 0))
        if inner == size:
            overlaps.append(Overlap(names[2], previous, 0))
        previous, size, start, time = names[2], inner, time + 2, time + 3
    buffers.append(Buffer(previous, size, start, time + 1))
    return Problem(tuple(buffers), tuple(overlaps))


def branching(random: Random) -> Problem:
    """Inception-like: four branches of two operators each, then a concatenation."""
    buffers, time = [], 0
    source, size = "in", 28 * 28 * 32
    start = 0
    for block in range(4):
        parts = [random.randrange(1, 9) * 28 * 28 // (block + 1) for _ in range(4)]
        begin, finish = time, time + 8
        buffers.append(Buffer(source, size, start, begin + 7))
        for i, part in enumerate(parts):
            inner = random.randrange(1, 13) * 28 * 28 // (block + 1)
            at = begin + 2 * i
            buffers.append(Buffer(f"b{block}_inner{i}", inner, at, at + 2))
            buffers.append(Buffer(f"b{block}_part{i}", part, at + 1, finish + 1))
        source, size, start, time = f"b{block}_concat", sum(parts), finish, finish + 1
    buffers.append(Buffer(source, size, start, time + 1))
    return Problem(tuple(buffers))


def unet(random: Random) -> Problem:
    """Long skips: what the way down makes, the way up reads."""
    depth = 5
    base = 16 * random.randrange(3, 7)
    buffers = [Buffer("in", base * base * 3, 0, 1)]
    for level in range(depth):
        size = (base >> level) ** 2 * (8 << level)
        down, up = 2 * level, 4 * depth - 2 * level
        buffers.append(Buffer(f"skip{level}", size, down, up + 1))
        buffers.append(Buffer(f"pooled{level}", size // 4, down + 1, down + 3))
        buffers.append(Buffer(f"up{level}", size, up - 1, up + 1, 8))
        buffers.append(Buffer(f"merged{level}", size, up, up + 2, 8))
    return Problem(tuple(buffers))


def attention(random: Random) -> Problem:
    """Transformer blocks head by head: K and V, the rows of a query, tokens overwritten."""
    tokens, width = random.choice((50, 145, 197, 226)), 64 * random.choice((1, 2, 3))
    heads = width // 64
    whole = tokens * width
    buffers, overlaps, time = [], [], 0
    previous, start = "tokens", 0
    for block in range(3):
        buffers.append(Buffer(previous, whole, start, time + heads + 2))
        buffers.append(Buffer(f"a{block}_context", whole, time, time + heads + 1, 16))
        for head in range(heads):
            at = time + head
            buffers.append(Buffer(f"a{block}_k{head}", 64 * tokens, at, at + 1, 16))
            buffers.append(Buffer(f"a{block}_v{head}", 64 * tokens, at, at + 1, 16))
            buffers.append(Buffer(f"a{block}_rows{head}", 64 + 2 * tokens, at, at + 1))
        time += heads
        summed, start_sum = f"a{block}_sum", time
        buffers.append(Buffer(summed, whole, start_sum, time + 3))
        overlaps.append(Overlap(summed, previous, width))
        overlaps.append(Overlap(summed, f"a{block}_context", width))
        buffers.append(Buffer(f"a{block}_mlp_rows", 5 * width * 8, time + 2, time + 3))
        previous, start, time = f"a{block}_out", time + 2, time + 3
        overlaps.append(Overlap(previous, summed, 8 * width))
    buffers.append(Buffer(previous, whole, start, time + 1))
    return Problem(tuple(buffers), tuple(overlaps))


def streamed(random: Random) -> Problem:
    """Regions run row by row: windows inside, output over input at a computed distance."""
    buffers, overlaps = [], []
    side, channels, start, time = random.choice((48, 96)), 3, 0, 0
    name, size = "image", side * side * channels
    for region in range(4):
        row, out_side = side * channels, side // 2
        wide = random.randrange(2, 5) * 8 * (region + 1)
        out_row = out_side * wide
        output = f"r{region}_out"
        for i in range(random.randrange(1, 4)):
            rows = random.choice((1, 2, 3))
            buffers.append(Buffer(f"r{region}_window{i}", rows * side * wide, time, time + 1))
        writes = [(y, out_row) for y in range(out_side)]
        frees = [(y, 2 * row) for y in range(out_side)]
        overlaps.append(Overlap(output, name, minimal_distance(writes, frees)))
        buffers.append(Buffer(name, size, start, time + 1))
        name, size, start = output, out_side * out_row, time
        side, channels, time = out_side, wide, time + 1
    buffers.append(Buffer(name, size, start, time + 1))
    return Problem(tuple(buffers), tuple(overlaps))


def dense(random: Random) -> Problem:
    """No structure at all, many buffers at a time: hard to pack."""
    buffers = []
    for i in range(40):
        start = random.randrange(30)
        end = start + random.randrange(1, 12)
        size = random.randrange(1, 64) * random.choice((16, 64, 100))
        buffers.append(Buffer(f"x{i}", size, start, end, random.choice((4, 4, 16))))
    return Problem(tuple(buffers))


TIGHT_BYTES = 8192


def tight(random: Random) -> Problem:
    """Nothing is left over: a rectangle of time and of TIGHT_BYTES, cut up at random."""
    pieces = [(0, 40, TIGHT_BYTES)]
    while len(pieces) < 64:
        piece = max(random.sample(pieces, min(3, len(pieces))), key=lambda p: (p[1] - p[0]) * p[2])
        start, end, size = piece
        pieces.remove(piece)
        if end - start > 1 and (size < 32 or random.random() < 0.5):
            middle = random.randrange(start + 1, end)
            pieces += [(start, middle, size), (middle, end, size)]
        else:
            part = 16 * random.randrange(1, max(2, size // 16))
            pieces += [(start, end, part), (start, end, size - part)]
    random.shuffle(pieces)
    return Problem(tuple(Buffer(f"x{i}", s, a, b) for i, (a, b, s) in enumerate(pieces) if s))


FAMILIES: tuple[Callable[[Random], Problem], ...] = (
    chain, in_place_chain, residual, branching, unet, attention, streamed, dense,
    tight,
)  # fmt: skip
SEEDS_PER_FAMILY = 5


def corpus() -> Iterator[tuple[str, Problem]]:
    """Every generated problem of the corpus with its name."""
    for family in FAMILIES:
        for seed in range(SEEDS_PER_FAMILY):
            name = f"{family.__name__}_{seed}"
            yield name, family(Random(name))


def _pyramid(random: Random, layers: int) -> list[int]:
    side, channels = random.choice((48, 64, 96)), 3
    sizes = []
    for _ in range(layers):
        sizes.append(side * side * channels)
        if random.random() < 0.35 and side > 4:
            side = (side + 1) // 2
        if random.random() < 0.5:
            channels = min(256, max(8, channels * random.choice((1, 2, 3))))
        elif channels > 32:
            channels //= random.choice((1, 2, 4))
    return sizes


def _tensors(sizes: list[int]) -> Iterator[Buffer]:
    """Tensor i is made by operator i - 1 and read by operator i."""
    for i, size in enumerate(sizes):
        yield Buffer(f"t{i}", size, max(0, i - 1), i + 1)


def _scratch(random: Random, operators: int) -> Iterator[Buffer]:
    for i in range(operators):
        if random.random() < 0.6:
            yield Buffer(f"scratch{i}", random.randrange(16, 6000), i, i + 1, 8)


def main() -> None:
    for name, problem in corpus():
        solution = solve(problem)
        best = f"{solution.total_bytes}{' proven' if solution.optimal else ''}"
        text = f"# {name}: made by families.py\n# best: {best}\n{format_problem(problem)}"
        (CORPUS / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
