# SPDX-License-Identifier: Apache-2.0
"""A measured model as one page for a browser: no script, no network, light and dark."""

from netsuke.compiler.html_report.page import page

__all__ = ["page"]
