"""The arcs that `report` draws, for the page."""

from __future__ import annotations

from playlistkit.report.drawing import plan_drawing, template_drawing

__all__ = ["plan_drawing", "template_drawing"]
