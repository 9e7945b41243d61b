# SPDX-License-Identifier: Apache-2.0
"""One module for each pass, a function `Graph -> Graph` of its name; `pipeline` has their order.

`rewrite`, `slicer` and `mixing` are no passes but what several of them do.
"""
