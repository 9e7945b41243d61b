# SPDX-License-Identifier: Apache-2.0
"""Places buffers with lifetimes at offsets, as low as possible. Knows no neural network."""

from netsuke.memory_planner.bounds import lower_bound
from netsuke.memory_planner.overlap import Event, minimal_distance
from netsuke.memory_planner.problem import (
    Buffer,
    Memory,
    Overlap,
    Problem,
    ProblemError,
    Solution,
)
from netsuke.memory_planner.solve import DoesNotFit, solve
from netsuke.memory_planner.validate import validate

__all__ = [
    "Buffer",
    "DoesNotFit",
    "Event",
    "Memory",
    "Overlap",
    "Problem",
    "ProblemError",
    "Solution",
    "lower_bound",
    "minimal_distance",
    "solve",
    "validate",
]
