"""A plan in a notebook: its arc and its tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from playlistkit.figures import counted
from playlistkit.model.slots import PlannedPhase, Slot
from playlistkit.model.template import Template

__all__ = ["plan_html"]

WIDTH, HEIGHT = 720, 140  # pixels
TARGET, PLAYED, INK = "#b5651d", "#27608f", "currentColor"


def plan_html(
    name: str,
    template: Template,
    phases: Sequence[PlannedPhase],
    slots: Sequence[Slot],
    tail: Sequence[Slot],
    score: float,
    warnings: Sequence[str],
) -> str:
    """A plan's arc as a picture, then a table of its tracks."""
    late = ", ".join(f"{escape(phase.name)} {phase.residual:+.0f} s" for phase in phases)
    duration = slots[-1].end if slots else 0.0
    head = (
        f"<b>{escape(name)}</b>: {counted(len(slots), 'track')}, {_clock(duration)}, score {score:.1f} "
        f"(0 is perfect); phases end {late or 'nowhere'}"
    )
    warned = "".join(f"<li>{escape(each)}</li>" for each in warnings)
    rows = "".join(_rows([*slots, *tail]))
    columns = "".join(
        f"<th>{column}</th>"
        for column in ("", "phase", "title", "artist", "length", "energy", "BPM", "voice")
    )
    return (
        f"<div><p>{head}</p>{_arc(template, phases, [*slots, *tail])}<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"
        f"{f'<ul>{warned}</ul>' if warned else ''}</div>"
    )


def _rows(slots: Sequence[Slot]) -> Iterator[str]:
    for slot in slots:
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


def _arc(template: Template, phases: Sequence[PlannedPhase], slots: Sequence[Slot]) -> str:
    """The template's energy as a line, and each track's as a bar of its length."""
    end = max((slot.end for slot in slots), default=0.0)
    if end <= 0:
        return ""
    shown = [
        *(slot.features.energy or 0.0 for slot in slots),
        *(level for phase in template.phases for _, level in phase.energy),
    ]
    top = max(0.3, *shown)

    def at(seconds: float, energy: float) -> str:
        return f"{seconds / end * WIDTH:.1f},{HEIGHT - energy / top * (HEIGHT - 4):.1f}"

    bars = "".join(
        f'<polyline points="{at(slot.start, slot.features.energy)} {at(slot.end - slot.overlap, slot.features.energy)}" '
        f'stroke="{PLAYED}" stroke-width="3"/>'
        for slot in slots
        if slot.features.energy is not None
    )
    begin, points = 0.0, []
    for phase in template.phases:
        seconds = phase.minutes.default * 60
        points += [at(begin + fraction * seconds, level) for fraction, level in phase.energy]
        begin += seconds
    bounds = "".join(
        f'<polyline points="{at(phase.end, 0)} {at(phase.end, top)}" stroke="{INK}" stroke-opacity="0.25"/>'
        for phase in phases
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
