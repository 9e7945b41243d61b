# SPDX-License-Identifier: Apache-2.0
"""CModel -> C text, through Jinja templates that print and decide nothing."""

from __future__ import annotations

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined

from netsuke.codegen.c_model import CModel
from netsuke.codegen.literals import array_text


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("netsuke.codegen"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["numbers"] = array_text
    environment.filters["bytes"] = _hex_bytes
    return environment


def _hex_bytes(digest: str) -> str:
    return ", ".join(f"0x{digest[i : i + 2]}" for i in range(0, len(digest), 2))


def render_template(template: str, **values: object) -> str:
    """The text of one template; a name that it needs and is not given is an error."""
    return _environment().get_template(template).render(**values)


def render(model: CModel) -> dict[str, str]:
    """The generated files by name. Equal models give equal text."""
    return {
        f"{model.name}{suffix}": render_template(template, m=model)
        for suffix, template in (
            (".h", "model.h.j2"),
            (".c", "model.c.j2"),
            ("_weights.h", "weights.h.j2"),
            ("_weights.c", "weights.c.j2"),
            ("_glue.c", "glue.c.j2"),
        )
    }
