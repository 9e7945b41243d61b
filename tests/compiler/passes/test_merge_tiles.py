# SPDX-License-Identifier: Apache-2.0
"""Chains of TILE and views that enlarge an image become RESIZE_NEAREST_NEIGHBOR."""

from __future__ import annotations

from netsuke.compiler.passes.merge_tiles import merge_tiles
from tests.support.graphs import assert_pass, assert_unchanged

Q = "scale=0.5 zero_point=-9"


def chain(down: str, across: str) -> str:
    """A 2 x 3 image of 4 channels, its rows tiled and then its columns."""
    return f"""
        graph "g"
        %0 = input : int8[1,2,3,4] {Q} "x"
        %1 = constant splat(1) : int32[5] "n"
        %2 = reshape(%0) {{shape=(1,2,1,3,4)}} @0 : int8[1,2,1,3,4] {Q} "a"
        {down}
        {across}
        return %6
    """


DOWN = f"""
        %3 = tile(%2, %1) {{multiples=(1,1,3,1,1)}} @1 : int8[1,2,3,3,4] {Q} "b"
        %4 = reshape(%3) {{shape=(1,6,3,1,4)}} @2 : int8[1,6,3,1,4] {Q} "c"
"""
ACROSS = f"""
        %5 = tile(%4, %1) {{multiples=(1,1,1,2,1)}} @3 : int8[1,6,3,2,4] {Q} "d"
        %6 = reshape(%5) {{shape=(1,6,6,4)}} @4 : int8[1,6,6,4] {Q} "y"
"""


def test_rows_and_columns() -> None:
    assert_pass(
        merge_tiles,
        chain(DOWN, ACROSS),
        f"""
        graph "g"
        %0 = input : int8[1,2,3,4] {Q} "x"
        %7 = constant [6, 6] : int32[2] "size"
        %6 = resize_nearest_neighbor(%0, %7) {{height=6, width=6, align_corners=False, \
half_pixel_centers=False}} @4 : int8[1,6,6,4] {Q} "y"
        return %6
        """,
    )


def test_the_image_repeated_as_a_whole() -> None:
    """Rows 0, 1, 0, 1 and so on are no enlarged image."""
    assert_unchanged(
        merge_tiles,
        f"""
        graph "g"
        %0 = input : int8[1,2,3,4] {Q} "x"
        %1 = constant splat(1) : int32[5] "n"
        %2 = reshape(%0) {{shape=(1,1,2,3,4)}} @0 : int8[1,1,2,3,4] {Q} "a"
        %3 = tile(%2, %1) {{multiples=(1,3,1,1,1)}} @1 : int8[1,3,2,3,4] {Q} "b"
        %4 = reshape(%3) {{shape=(1,6,3,4)}} @2 : int8[1,6,3,4] {Q} "y"
        return %4
        """,
    )
