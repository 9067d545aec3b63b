"""Inline SVG: a chart's panel with its scales, and the marks in it.

Colours are CSS variables (`var(--played)` and so on), so that dark mode changes them. No inline styles, so that a
strict content security policy allows it. Functions give elements as text.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["LEFT", "WIDTH", "Panel", "Point", "document", "hours", "line", "path", "rect", "scale", "text_at"]

WIDTH = 1200
LEFT, RIGHT = 46, 8  # of the data within the width
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart of the picture, with its own scale."""

    top: float
    height: float
    low: float
    high: float
    end: float
    """Seconds at the right edge."""
    width: float = WIDTH

    @property
    def right(self) -> float:
        """The x of the data's right edge."""
        return self.width - RIGHT

    def x(self, seconds: float) -> float:
        """Where a second lies, within the panel."""
        return LEFT + (self.right - LEFT) * min(max(seconds / self.end, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Where a value lies, within the panel."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.top + self.height * (1.0 - min(max(share, 0.0), 1.0))


def document(parts: Iterable[str], height: float, title: str, role: str, width: float = WIDTH) -> str:
    """The whole ``<svg>``, of which `title` is what is read aloud and `role` what it is: "img", or a "group" of links."""
    return (
        f'<svg class="arc" viewBox="0 0 {width:g} {height:g}" role="{role}" aria-label="{html.escape(title)}" '
        f'font-size="14" font-family="inherit">{"".join(parts)}</svg>'
    )


def scale(panel: Panel, values: Sequence[float], name: str) -> Iterator[str]:
    """Lines across a panel at these values, each with its number, and the name above."""
    for value in values:
        y = panel.y(value)
        yield f'<path d="M{LEFT} {y:.1f}H{panel.right:g}" stroke="var(--line, var(--rule))" stroke-width="1"/>'
        yield text_at(LEFT - 7, y + 5, f"{value:g}", "end", "quiet", 13)
    if name:
        yield text_at(0, panel.top - 13, name, "start", "quiet", 13)


def hours(panel: Panel, top: float) -> Iterator[str]:
    """The clock below a panel, from 0:00, in steps for which there is room."""
    minutes = panel.end / 60
    step = next(each for each in (1, 5, 10, 15, 30, 60, 120, 10_000) if minutes / each <= panel.width / 85)
    for minute in np.arange(0, minutes + 1e-6, step):
        x = panel.x(minute * 60)
        anchor = "start" if minute == 0 else "end" if x > panel.width - 24 else "middle"
        yield text_at(x, top + 18, f"{int(minute) // 60}:{int(minute) % 60:02}", anchor, "quiet", 13)


def path(panel: Panel, points: Sequence[Point]) -> str:
    """The ``d`` of a path through points of seconds and value."""
    return "M" + "L".join(f"{panel.x(t):.1f} {panel.y(value):.1f}" for t, value in points)


def line(panel: Panel, points: Sequence[Point], color: str, width: float, dashes: str = "") -> str:
    """A line through points of seconds and value."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="{path(panel, points)}" fill="none" stroke="var(--{color})" stroke-width="{width:g}" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
    )


def rect(x: float, y: float, width: float, height: float, color: str, opacity: float = 1.0) -> str:
    """A filled rectangle."""
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="var(--{color})"{faint}/>'


def text_at(x: float, y: float, text: str, anchor: str, color: str, size: float) -> str:
    """A text in the page's font; `anchor` is start, middle or end."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="var(--{color})" font-size="{size:g}">'
        f"{html.escape(text)}</text>"
    )
