# SPDX-License-Identifier: Apache-2.0
"""The Jinja templates of this package."""

from __future__ import annotations

from pathlib import Path

import jinja2

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)
_ENVIRONMENT.filters["word"] = "0x{:08X}u".format


def render(name: str, **values: object) -> str:
    """Return templates/`name` filled with `values`; a name that is missing raises."""
    return _ENVIRONMENT.get_template(name).render(**values)
