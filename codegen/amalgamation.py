# SPDX-License-Identifier: Apache-2.0
"""A model as two files: everything it needs in one .c, which any C99 or C++ compiler takes.

All symbols but those of the public header become static, so that several models, made by several
versions, live side by side in one program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from netsuke.codegen.c_model import CModel

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include "([^"]+)"[^\n]*\n', re.MULTILINE)
_DESIGNATED = re.compile(r"^    \.(\w+) = (.*),$", re.MULTILINE)
_WEIGHTS = re.compile(r"^const ", re.MULTILINE)

_OPENING = """\
/* SPDX-License-Identifier: Apache-2.0 */
/* {name} in one file, with the parts of netsuke's runtime that it needs; {name}.h is its face.
 * C99 or later, C++11 or later. Nothing but {name}_* is visible to the linker. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* not every model calls all of a kernel file */
#endif
"""


def amalgamate(model: CModel, files: Mapping[str, str]) -> dict[str, str]:
    """`<name>.c` and `<name>.h` out of the generated files and the runtime below `runtime/`.

    Parameter structs are initialized by position, which C and C++ share: the compiler prints the
    fields in the order of their declaration.
    """
    name = model.name
    expander = _Expander(name, files)
    body = _DESIGNATED.sub(r"    \2, /* \1 */", expander.text(f"{name}.c"))
    kernels = "" if model.inlined else "#define NK_KERNEL static\n"
    rest = "".join(expander.once(f"runtime/{source}") for source in model.kernel_sources)
    opening = _OPENING.format(name=name)
    return {f"{name}.c": opening + kernels + body + rest, f"{name}.h": files[f"{name}.h"]}


class _Expander:
    """Puts files in the place of their inclusions. A header goes in where it is first included
    outside other files' conditions, and again inside them, where its guard decides."""

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        self.public, self.weights, self.files = f"{name}.h", f"{name}_weights", files
        self.seen: set[str] = set()

    def once(self, path: str) -> str:
        """The text of `path`, empty where it has gone in already."""
        if path in self.seen:
            return ""
        self.seen.add(path)
        return self.text(path)

    def text(self, path: str) -> str:
        """The text of `path` with all inclusions of known files expanded."""
        source = self.files[path]
        pieces, end = [], 0
        for match in _INCLUDE.finditer(source):
            pieces += [source[end : match.start()], self._included(match, source)]
            end = match.end()
        return "".join([*pieces, source[end:]])

    def _included(self, match: re.Match[str], source: str) -> str:
        wanted = match[1]
        if wanted == f"{self.weights}.h":
            return _WEIGHTS.sub("static const ", self.once(f"{self.weights}.c"))
        path = f"runtime/{wanted}"
        if path not in self.files:
            return match[0]
        return self.text(path) if _conditional(source, match.start()) else self.once(path)


def _conditional(source: str, end: int) -> bool:
    """Whether the line at `end` stands inside a condition other than the file's own guard."""
    before = source[:end]
    opened = len(re.findall(r"^[ \t]*#[ \t]*if", before, re.MULTILINE))
    closed = len(re.findall(r"^[ \t]*#[ \t]*endif", before, re.MULTILINE))
    guarded = re.search(r"^#ifndef (\w+)\n#define \1\b", source, re.MULTILINE) is not None
    return opened - closed > guarded
