# SPDX-License-Identifier: Apache-2.0
"""Graphs in tests: inputs of several kinds, and the proof that a pass kept every byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from netsuke.compiler.evaluate import evaluate, evaluate_all
from netsuke.compiler.ir import Array, Graph
from netsuke.compiler.ir_text import format_graph, parse_graph
from netsuke.compiler.verify import verify


def int8_inputs(graph: Graph, seed: int = 1) -> Iterator[list[Array]]:
    """Inputs for `graph`: all of one end, both ends mixed, the whole range, a narrow range."""
    rng = np.random.default_rng(seed)
    shapes = [graph.tensors[t].shape for t in graph.inputs]
    for end in (-128, 127):
        yield [np.full(shape, end, np.int8) for shape in shapes]
    yield [np.where(rng.random(shape) < 0.5, -128, 127).astype(np.int8) for shape in shapes]
    for low, high in ((-128, 127), (-128, 127), (-20, 20)):
        yield [rng.integers(low, high + 1, shape).astype(np.int8) for shape in shapes]


def assert_same_outputs(before: Graph, after: Graph, seed: int = 1) -> None:
    """Both graphs are valid and give the same bytes for all kinds of inputs."""
    verify(before)
    verify(after)
    for inputs in int8_inputs(before, seed):
        for want, got in zip(evaluate(before, inputs), evaluate(after, inputs), strict=True):
            np.testing.assert_array_equal(got, want)


def assert_same_layers(before: Graph, after: Graph, inputs: Sequence[Array]) -> int:
    """Every tensor of `after` holds the bytes of the tensor of `before` that it is or stems from.

    Returns how many bytes were compared.
    """
    want, got = evaluate_all(before, inputs), evaluate_all(after, inputs)
    compared = 0
    for t, tensor in after.tensors.items():
        if tensor.data is None:
            origin = tensor.origin
            whole = want[t if origin is None else origin.tensor]
            part = whole if origin is None else whole[..., list(origin.channels)]
            np.testing.assert_array_equal(got[t], part, err_msg=tensor.name)
            compared += tensor.size_bytes
    return compared


def assert_pass(step: Callable[[Graph], Graph], before: str, after: str) -> None:
    """`step` makes of the text `before` the text `after`, and both compute the same bytes."""
    source, want = parse_graph(before), parse_graph(after)
    got = step(source)
    assert format_graph(got, inline_elements=1 << 20) == format_graph(want, 1 << 20)
    assert_same_outputs(source, got)


def assert_unchanged(step: Callable[[Graph], Graph], text: str) -> None:
    """`step` finds nothing to do."""
    assert_pass(step, text, text)
