# SPDX-License-Identifier: Apache-2.0
"""The drawing of a graph: an edge for each activation that is read, none through another."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from netsuke.compiler.html_report.graph import graph_svg
from netsuke.compiler.planning import Wishes, plan
from netsuke.compiler.report import layer_names
from netsuke.compiler.schedule import ops_in_order, storage_root
from tests.support.random_networks import random_network

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("seed", range(8))
def test_edges_are_those_of_the_graph(seed: int) -> None:
    planned = plan(random_network(seed), "portable", Wishes(time_limit_s=0.3))
    layers = [{**n, "share": 0.1, "bound": "compute"} for n in layer_names(planned)]
    text = graph_svg(planned, layers)
    root = ElementTree.fromstring(text)
    paths = [p.get("d") or "" for p in root.iter("path") if "edge" in (p.get("class") or "")]
    graph, storage = planned.graph, storage_root(planned.graph)
    read = sum(
        len({storage[t] for t in graph.activation_inputs(op)})
        for op in ops_in_order(planned.schedule)
    )
    assert len(paths) == read
    assert len(list(root.iter("g"))) == len(layers) + len(graph.inputs)
    lanes: dict[float, list[tuple[float, float]]] = {}
    for path in paths:
        if found := re.match(r"M\d+ (\d+)H(\d+)q.*V(\d+)q", path):
            lanes.setdefault(float(found[2]), []).append((float(found[1]), float(found[3])))
    for spans in lanes.values():
        spans.sort()
        assert all(a[1] <= b[0] + 40 for a, b in pairwise(spans))
