"""A plan for people to read: the arc as a picture and as text, the session sheet.

Each is a pure function of the plan; nothing here touches a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playlistkit.model import Plan
from playlistkit.report.arc import arc_figure, arc_png, arc_svg
from playlistkit.report.sheet import sheet_html, sheet_policy
from playlistkit.report.terminal import arc_text

__all__ = ["SUFFIXES", "arc_figure", "arc_png", "arc_svg", "arc_text", "sheet_html", "sheet_policy"]

SUFFIXES: Mapping[str, Callable[[Plan], bytes]] = {
    ".html": lambda plan: sheet_html(plan).encode(),
    ".png": arc_png,
    ".svg": lambda plan: arc_svg(plan).encode(),
}
"""For each report, the function from a plan to a file's bytes."""
