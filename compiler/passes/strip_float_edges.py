# SPDX-License-Identifier: Apache-2.0
"""Removes QUANTIZE at float32 inputs and DEQUANTIZE at float32 outputs of the graph.

The quantized tensors become the graph's inputs and outputs, in the same order; what the float
edges were is seen by comparing with the graph before.
"""

from __future__ import annotations

from netsuke.compiler.ir import DType, Graph, Op, TensorId
from netsuke.compiler.passes.drop_dead import drop_dead


def strip_float_edges(graph: Graph) -> Graph:
    """An edge stays as it is where anything but one QUANTIZE or DEQUANTIZE touches it."""
    consumers, producers = graph.consumers(), graph.producers()
    inputs = {t: _quantized_input(graph, t, consumers[t]) for t in graph.inputs}
    outputs = {t: _quantized_output(graph, t, producers.get(t)) for t in graph.outputs}
    new_inputs = [inputs[t] for t in graph.inputs]
    written = set(new_inputs)
    return drop_dead(
        graph.replace(
            ops=(op for op in graph.ops if not written.intersection(op.outputs)),
            inputs=new_inputs,
            outputs=(outputs[t] for t in graph.outputs),
        )
    )


def _quantized_input(graph: Graph, t: TensorId, readers: tuple[Op, ...]) -> TensorId:
    if graph.tensors[t].dtype is not DType.FLOAT32 or len(readers) != 1 or t in graph.outputs:
        return t
    out = readers[0].outputs[0]
    # QUANTIZE alone makes integers of floats.
    return t if graph.tensors[out].dtype is DType.FLOAT32 else out


def _quantized_output(graph: Graph, t: TensorId, producer: Op | None) -> TensorId:
    if graph.tensors[t].dtype is not DType.FLOAT32 or producer is None:
        return t
    source = producer.inputs[0]
    if source is None or graph.tensors[source].dtype is DType.FLOAT32:
        return t
    # DEQUANTIZE alone makes floats of integers.
    return source if graph.tensors[source].data is None else t
