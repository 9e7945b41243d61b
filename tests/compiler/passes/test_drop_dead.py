# SPDX-License-Identifier: Apache-2.0
"""Operators that nobody reads go, chains of them too; inputs of the graph stay."""

from __future__ import annotations

from netsuke.compiler.passes.drop_dead import drop_dead
from tests.support.graphs import assert_pass


def test_drops_a_chain() -> None:
    assert_pass(
        drop_dead,
        """
        graph "g"
        %0 = input : int8[4] scale=1.0 zero_point=0 "x"
        %1 = input : int8[4] scale=1.0 zero_point=0 "unread"
        %2 = constant [1] : int8[1] scale=1.0 zero_point=0 "c"
        %3 = relu(%0) @0 : int8[4] scale=1.0 zero_point=0 "y"
        %4 = add(%1, %2) @1 : int8[4] scale=1.0 zero_point=0 "dead"
        %5 = add(%4, %3) @2 : int8[4] scale=1.0 zero_point=0 "dead too"
        return %3
        """,
        """
        graph "g"
        %0 = input : int8[4] scale=1.0 zero_point=0 "x"
        %1 = input : int8[4] scale=1.0 zero_point=0 "unread"
        %3 = relu(%0) @0 : int8[4] scale=1.0 zero_point=0 "y"
        return %3
        """,
    )
