# SPDX-License-Identifier: Apache-2.0
"""Finds the operator that belongs to attributes, or to TFLite's name.

An operator module defines `OPERATOR`, an instance of its `Operator` subclass; every such module
of this package is registered.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

from netsuke.compiler import ops
from netsuke.compiler.ir import Attrs, Graph, Op, TensorId
from netsuke.compiler.ops.base import Access, Operator


@functools.cache
def operators() -> tuple[Operator[Any], ...]:
    """All operators, sorted by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(ops.__path__))
    modules = (importlib.import_module(f"{ops.__name__}.{name}") for name in names)
    return tuple(m.OPERATOR for m in modules if hasattr(m, "OPERATOR"))


@functools.cache
def _by_attrs() -> dict[type[Attrs], Operator[Any]]:
    return {operator.attrs_type: operator for operator in operators()}


def operator_of(attrs: Attrs) -> Operator[Any]:
    """The operator that these attributes belong to."""
    return _by_attrs()[type(attrs)]


@functools.cache
def by_builtin() -> dict[str, Operator[Any]]:
    """Operators that model files hold by TFLite's name, e.g. "CONV_2D"."""
    return {operator.builtin: operator for operator in operators() if not operator.internal}


def accesses(graph: Graph, op: Op) -> tuple[tuple[TensorId, Access], ...]:
    """The computed inputs of `op` with what an output row reads of each."""
    patterns = operator_of(op.attrs).access(op.attrs, graph.input_tensors(op), graph.output(op))
    pairs = zip(op.inputs, patterns, strict=True)
    return tuple((t, a) for t, a in pairs if t is not None and a is not None)
