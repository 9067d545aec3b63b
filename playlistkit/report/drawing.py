"""The arc as inline SVG for a page, on screen and on paper: small, in the page's own colours and font.

`svg` has the marks; `arc` draws the same with matplotlib for standalone files.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from playlistkit.figures import counted
from playlistkit.model import FELT, Plan, Template, clarity_of
from playlistkit.objective import Arc
from playlistkit.report import svg
from playlistkit.report.holds import readings
from playlistkit.report.playback import Played, played
from playlistkit.report.svg import LEFT, WIDTH, Panel, Point
from playlistkit.report.words import artist_of, clock, flagged_joins, length, pinned, plain, title_of

__all__ = ["plan_drawing", "template_drawing"]


def plan_drawing(
    plan: Plan, *, link: Callable[[int], str] | None = None, details: bool = True, width: float = WIDTH
) -> str:
    """The arc of a plan as it plays.

    Parameters
    ----------
    plan : Plan
    link : callable, optional
        The address a track links to, from its index; by default tracks are not links.
    details : bool
        Whether to draw loudness and tempo below the energy.
    width : float
        In units of its small print; less for a phone.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    tracks, arc = played(plan), Arc(plan.template)
    end = max([track.slot.end for track in tracks] + [arc.end, 1.0])
    top = _highest(arc, tracks)
    energy = Panel(44, 230, 0.0, top, end, width)
    parts = [*_bands(plan, energy, 274 + (200 if details else 26))]
    parts += [*svg.scale(energy, _steps(top), "energy")]
    parts += [*_target(arc, energy)]
    parts += [*_played(tracks, energy)]
    parts += [*_marks(plan, tracks, energy)]
    if link is not None:  # above the lines, which would catch the touch
        parts += [*_touched(tracks, energy, link)]
    bottom = energy.top + energy.height + 26
    if details:
        parts += [*_loudness(plan, tracks, Panel(bottom + 24, 70, 0, 1, end, width))]
        parts += [*_tempo(plan, tracks, Panel(bottom + 118, 56, 0, 1, end, width))]
        bottom += 176
    parts += [*svg.hours(energy, bottom)]
    title = f"The arc of {plain(plan.name)}: energy over {clock(plan.duration)}, {counted(len(plan.slots), 'track')}"
    return svg.document(parts, bottom + 26, title, "img" if link is None else "group", width)


def template_drawing(
    template: Template,
    *,
    before: Template | None = None,
    beside: Sequence[Template] = (),
    width: float = WIDTH,
    height: float = 150,
    words: bool = True,
) -> str:
    """The curve that a template asks for, with its tolerance.

    Parameters
    ----------
    template : Template
    before : Template, optional
        Another template, drawn thinly behind it, to show what a variant or a change does.
    beside : sequence of Template
        Those whose drawings stand beside this one: all get one scale, in time and in energy.
    width, height : float
        Size of the curve, in units of the page's small print.
    words : bool
        Whether to write the phases' names and minutes.
    """
    arc = Arc(template)
    arcs = [arc] + ([Arc(before)] if before is not None else [])
    scaled = [*arcs, *map(Arc, beside)]
    top = max(0.5, *(_highest(each, ()) for each in scaled))
    end = max(*(each.end for each in scaled), 1.0)
    panel = Panel(40 if words else 6, height, 0.0, top, end, width)
    parts: list[str] = []
    for number, phase in enumerate(arc.phases):
        start, stop = arc.bounds[number], arc.bounds[number + 1]
        if number % 2 == 0:
            parts.append(
                svg.rect(panel.x(start), panel.top, panel.x(stop) - panel.x(start), panel.height, "band")
            )
        if words:
            parts += _phase_words(panel, start, stop, phase.name)
    parts += [*svg.scale(panel, _steps(top), "energy" if words else "")]
    if before is not None:
        points = _level(arcs[1])
        parts.append(svg.line(panel, points, "quiet", 1.5, "2 5"))
    parts += [*_target(arc, panel, bold=True)]
    bottom = panel.top + panel.height
    parts += [*svg.hours(panel, bottom + 2)]
    names = ", ".join(f"{phase.name} {phase.minutes.default:g} min" for phase in arc.phases)
    return svg.document(
        parts,
        bottom + 30,
        f"The arc of {plain(template.name)}: {plain(names)}",
        "img",
        width,
    )


def _bands(plan: Plan, panel: Panel, height: float) -> Iterator[str]:
    for number, phase in enumerate(plan.phases):
        if number % 2 == 0:
            x = panel.x(phase.start)
            yield svg.rect(x, panel.top, panel.x(phase.end) - x, height - panel.top, "band")
        yield from _phase_words(panel, phase.start, phase.end, phase.name)
    if plan.tail:
        x = panel.x(plan.duration)
        yield svg.rect(x, panel.top, panel.x(plan.tail[-1].end) - x, panel.height, "tolerance", 0.35)
        yield from _phase_words(panel, plan.duration, plan.tail[-1].end, "tail")
        yield f'<path d="M{x:.1f} {panel.top}V{panel.top + panel.height}" stroke="var(--ink)" stroke-width="1.5"/>'


def _phase_words(panel: Panel, start: float, stop: float, name: str) -> list[str]:
    x, room = (panel.x(start) + panel.x(stop)) / 2, panel.x(stop) - panel.x(start)
    text = plain(name)
    if 8.2 * len(text) > room:
        text = text[: max(1, int(room / 8.2) - 1)] + "…" if room > 30 else ""
    minutes = f"{(stop - start) / 60:.0f} min" if room > 44 else f"{(stop - start) / 60:.0f}"
    return [
        svg.text_at(x, 16, text, "middle", "ink", 15) if text else "",
        svg.text_at(x, 34, minutes, "middle", "quiet", 13),
    ]


def _target(arc: Arc, panel: Panel, *, bold: bool = False) -> Iterator[str]:
    if not arc.phases:
        return
    upper, lower = [], []
    for number, phase in enumerate(arc.phases):
        start, stop = arc.bounds[number], arc.bounds[number + 1]
        for t in np.linspace(start, stop - 0.01, 25):
            level = float(arc.level(t))
            upper.append((t, min(1.0, level + phase.energy_tolerance)))
            lower.append((t, max(0.0, level - phase.energy_tolerance)))
    area = svg.path(panel, upper) + "L" + svg.path(panel, lower[::-1])[1:] + "Z"
    yield f'<path d="{area}" fill="var(--tolerance)" stroke="none"/>'
    if bold:
        yield svg.line(panel, _level(arc), "played", 4)
    else:
        yield svg.line(panel, _level(arc), "target", 2, "8 5")


def _level(arc: Arc) -> list[Point]:
    points = []
    for start, stop in itertools.pairwise(arc.bounds):
        points += [(float(t), float(arc.level(t))) for t in np.linspace(start, stop - 0.01, 25)]
    return points


def _played(tracks: Sequence[Played], panel: Panel) -> Iterator[str]:
    """One line through all tracks, broken only where the energy is unknown."""
    run: list[Point] = []
    for track in tracks:
        if track.energy:
            run += track.energy
        elif run:
            yield svg.line(panel, run, "played", 3)
            run = []
    if run:
        yield svg.line(panel, run, "played", 3)


def _touched(tracks: Sequence[Played], panel: Panel, link: Callable[[int], str]) -> Iterator[str]:
    for number, track in enumerate(tracks):
        slot = track.slot
        x = panel.x(slot.start)
        name = " – ".join(word for word in (artist_of(slot.track), title_of(slot.track)) if word)
        energy = "" if track.mean is None else f", energy {track.mean:.2f}"
        words = f"{number + 1}. {name}, {clock(slot.start)}, {length(slot.duration)}{energy}"
        yield (
            f'<a href="{html.escape(link(number), quote=True)}" class="slot" data-slot="{number}" '
            f'aria-label="{html.escape(words, quote=True)}"><title>{html.escape(words)}</title>'
            f"{svg.rect(x, panel.top, max(2.0, panel.x(slot.end - slot.overlap) - x), panel.height + 24, 'accent', 0.0)}</a>"
        )


def _marks(plan: Plan, tracks: Sequence[Played], panel: Panel) -> Iterator[str]:
    """Track starts, numbers where they fit, pins, readings, and joins to check by ear."""
    foot = panel.top + panel.height
    yield f'<path d="M{LEFT} {foot}H{panel.right:g}" stroke="var(--quiet)" stroke-width="1"/>'
    flags, pins = flagged_joins(plan), pinned(plan)
    numbered = -100.0
    for track in tracks:
        x = panel.x(track.slot.start)
        yield f'<path d="M{x:.1f} {foot}v8" stroke="var(--quiet)" stroke-width="1"/>'
        middle = (x + panel.x(track.slot.end)) / 2
        if middle - numbered > 24:
            numbered = middle
            yield svg.text_at(middle, foot + 21, str(track.number), "middle", "quiet", 14)
        if track.slot.track.id in pins:
            yield f'<path d="M{middle - 5:.1f} {foot - 22}h10l-5 9z" fill="var(--ink)"/>'
    for each in readings(plan):
        x, y = panel.x(each.at), panel.top + 12
        yield f'<path d="M{x:.1f} {y + 9}V{foot}" stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="1 4"/>'
        yield f'<path d="M{x - 8:.1f} {y}h16M{x:.1f} {y - 8}v16" stroke="var(--ink)" stroke-width="4"/>'
    slots = (*plan.slots, *plan.tail)
    for k in flags:
        if k < len(slots):
            x = panel.x(slots[k].start)
            yield (
                f'<path d="M{x:.1f} {panel.top}V{foot}" stroke="var(--flag)" stroke-width="1.2" stroke-dasharray="2 4"/>'
                f'<path d="M{x:.1f} {panel.top + 2}l6 6-6 6-6-6z" fill="var(--paper)" stroke="var(--flag)" stroke-width="2"/>'
            )


def _loudness(plan: Plan, tracks: Sequence[Played], panel: Panel) -> Iterator[str]:
    wishes = {phase.name: phase.loudness for phase in plan.template.phases}
    levels = [track.level for track in tracks if track.level is not None]
    wished = [wish for phase in plan.phases if (wish := wishes.get(phase.name)) is not None]
    if not levels and not wished:
        return
    low = np.floor(max(min([*levels, *wished]), -45.0) / 5) * 5 - 2.5
    high = np.ceil(max([*levels, *wished]) / 5) * 5 + 2.5
    panel = Panel(panel.top, panel.height, float(low), float(high), panel.end, panel.width)
    middle = 5 * round((low + high) / 10)
    yield from svg.scale(panel, sorted({low + 2.5, float(middle), high - 2.5}), "loudness, LUFS")
    for phase in plan.phases:
        wish = wishes.get(phase.name)
        if wish is not None:
            yield svg.line(panel, [(phase.start, wish), (phase.end, wish)], "target", 1.5, "8 5")
    for track in tracks:
        if track.level is not None:
            yield svg.line(
                panel, [(track.slot.start, track.level), (track.slot.end, track.level)], "played", 3
            )


def _tempo(plan: Plan, tracks: Sequence[Played], panel: Panel) -> Iterator[str]:
    ranges = {phase.name: phase.tempo for phase in plan.template.phases}
    values = [track.slot.features.tempo for track in tracks if track.slot.features.tempo is not None]
    for phase in plan.phases:
        values += ranges.get(phase.name) or ()
    if not values:
        return
    low, high = float(np.floor(min(values) / 20) * 20), float(np.ceil(max(values) / 20) * 20)
    panel = Panel(panel.top, panel.height, low - 8, high + 8, panel.end, panel.width)
    yield from svg.scale(panel, (low, high), "tempo, BPM")
    for phase in plan.phases:
        wish = ranges.get(phase.name)
        if wish is not None:
            x, y = panel.x(phase.start), panel.y(wish[1])
            yield svg.rect(x, y, panel.x(phase.end) - x, panel.y(wish[0]) - y, "tolerance", 0.8)
    x = panel.right - 196
    for words, clarity, ahead in (("hardly a beat", 0.1, 0), ("a clear beat", 0.8, 110)):
        yield _beat(x + ahead, panel.top - 17, clarity)
        yield svg.text_at(x + ahead + 10, panel.top - 13, words, "start", "quiet", 13)
    for track in tracks:
        features = track.slot.features
        if features.tempo is not None:
            x = (panel.x(track.slot.start) + panel.x(track.slot.end)) / 2
            yield _beat(x, panel.y(features.tempo), clarity_of(features))


def _beat(x: float, y: float, clarity: float) -> str:
    """A dot for a tempo: larger the clearer it is, and hollow where no beat is felt."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.5 + 3.5 * clarity:.1f}" '
        f'fill="var(--{"played" if clarity >= FELT else "paper"})" stroke="var(--played)" stroke-width="1.3"/>'
    )


def _highest(arc: Arc, tracks: Sequence[Played]) -> float:
    values = [y for track in tracks for _, y in track.energy]
    values += [
        float(max(level for _, level in phase.energy)) + phase.energy_tolerance for phase in arc.phases
    ]
    return float(min(1.0, np.ceil(max([0.3, *values]) * 10) / 10))


def _steps(top: float) -> list[float]:
    step = 0.1 if top <= 0.6 else 0.2
    return [round(step * k, 1) for k in range(int(top / step + 1e-6) + 1)]
