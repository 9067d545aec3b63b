"""A plan in a notebook: its arc and its tracks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playlistkit.model import Plan

__all__ = ["plan_html"]

WIDTH, HEIGHT = 720, 140  # pixels
TARGET, PLAYED, INK = "#b5651d", "#27608f", "currentColor"


def plan_html(plan: Plan) -> str:
    """The arc as a picture, then a table of the tracks."""
    late = ", ".join(f"{escape(phase.name)} {phase.residual:+.0f} s" for phase in plan.phases)
    head = (
        f"<b>{escape(plan.name)}</b>: {len(plan.slots)} tracks, {_clock(plan.duration)}, score {plan.score.total:.1f} "
        f"(0 is perfect); phases end {late or 'nowhere'}"
    )
    warned = "".join(f"<li>{escape(each)}</li>" for each in plan.warnings)
    rows = "".join(_rows(plan))
    columns = "".join(
        f"<th>{name}</th>" for name in ("", "phase", "title", "artist", "length", "energy", "BPM", "voice")
    )
    return (
        f"<div><p>{head}</p>{_arc(plan)}<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"
        f"{f'<ul>{warned}</ul>' if warned else ''}</div>"
    )


def _rows(plan: Plan) -> Iterator[str]:
    for slot in (*plan.slots, *plan.tail):
        features = slot.features
        cells = (
            _clock(slot.start),
            slot.phase,
            slot.track.title or slot.track.id,
            slot.track.artist or "",
            _clock(slot.duration),
            "" if features.energy is None else f"{features.energy:.2f}",
            "" if features.tempo is None else f"{features.tempo:.0f}",
            features.vocals or "unknown",
        )
        yield f'<tr title="{escape(slot.reason)}">{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _arc(plan: Plan) -> str:
    """The template's energy as a line, and each track's as a bar of its length."""
    end = max([plan.duration, *(slot.end for slot in plan.tail)], default=0.0)
    if end <= 0:
        return ""
    shown = [
        *(slot.features.energy or 0.0 for slot in (*plan.slots, *plan.tail)),
        *(level for phase in plan.template.phases for _, level in phase.energy),
    ]
    top = max(0.3, *shown)

    def at(seconds: float, energy: float) -> str:
        return f"{seconds / end * WIDTH:.1f},{HEIGHT - energy / top * (HEIGHT - 4):.1f}"

    bars = "".join(
        f'<polyline points="{at(slot.start, slot.features.energy)} {at(slot.end - slot.overlap, slot.features.energy)}" '
        f'stroke="{PLAYED}" stroke-width="3"/>'
        for slot in (*plan.slots, *plan.tail)
        if slot.features.energy is not None
    )
    begin, points = 0.0, []
    for phase in plan.template.phases:
        seconds = phase.minutes.default * 60
        points += [at(begin + fraction * seconds, level) for fraction, level in phase.energy]
        begin += seconds
    bounds = "".join(
        f'<polyline points="{at(phase.end, 0)} {at(phase.end, top)}" stroke="{INK}" stroke-opacity="0.25"/>'
        for phase in plan.phases
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" fill="none" role="img" '
        f'aria-label="Energy: bars as played, line as asked for">{bounds}'
        f'<polyline points="{" ".join(points)}" stroke="{TARGET}" stroke-dasharray="5 3"/>{bars}</svg>'
    )


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
