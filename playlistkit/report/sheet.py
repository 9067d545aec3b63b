"""The session sheet: one self-contained HTML file, to print or to keep open."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np

from playlistkit import objective
from playlistkit.model import Plan, Reserve
from playlistkit.objective.hearing import energies_of
from playlistkit.planner.sessions.reserves import GROUNDING_NOW
from playlistkit.report import words
from playlistkit.report.arc import COLORS
from playlistkit.report.drawing import plan_drawing
from playlistkit.report.holds import Reading, readings
from playlistkit.report.playback import played

__all__ = ["sheet_html", "sheet_policy"]

NARROW = 440
"""Width of the drawing for a phone, in units of its small print."""

DARK = {
    "paper": "#191b1e",
    "ink": "#e4e5e2",
    "quiet": "#9da3a9",
    "band": "#202328",
    "target": "#bfc4c8",
    "tolerance": "#33383d",
    "played": "#79b4e2",
    "played_soft": "#3f6481",
    "flag": "#f0905a",
    "rule": "#3c4147",
}
"""The colours on a dark screen; prints are always on white."""

PLAYER_SETTINGS = {
    "files": (
        "Gapless playback on; no shuffle, no repeat.",
        "Volume levelling (ReplayGain, Sound Check) off: the plan assumes that tracks keep their own loudness.",
    ),
    "spotify": (
        "Settings, Playback: Normalise volume on, level Normal; the plan assumes it.",
        "Shuffle, Smart Shuffle, Autoplay, Automix and Jam off; download the playlist beforehand.",
    ),
    "render": (
        "Played by playlistkit or rendered as one file, it has its levels and crossfades: any other player plays that file "
        "with levelling and crossfade off.",
    ),
}


class _Row(NamedTuple):
    """A line of the table."""

    number: int
    time: str
    title: str
    artist: str
    length: str
    tempo: str
    energy: str
    voice: str
    gain: str
    why: str
    pinned: bool
    flagged: bool
    at: float
    """Seconds into the session."""
    clock: str
    """The time of day; empty if the start is unknown."""
    readings: tuple[Reading, ...]
    """Readings to take while it plays."""


class _Spare(NamedTuple):
    """A track in reserve, with every phase it would suit."""

    title: str
    artist: str
    length: str
    energy: str
    """As heard; several where phases play it at different levels."""
    phases: tuple[tuple[str, str], ...]
    """Phases, each with the reason."""


def sheet_html(plan: Plan, *, begin: float | None = None) -> str:
    """The session sheet of a plan as one HTML file.

    It holds the template and its variants, the arc, the readings to take, the set for grounding, the settings of
    the player, every track with its time and reason, joins to check by ear, reserves, the phases' notes, the
    certificate, and lines to write on. No client's name is on it. Tags and names are escaped.

    Parameters
    ----------
    plan : Plan
    begin : float, optional
        When the session begins, in seconds after midnight; fills the clock column. It can also be typed on screen,
        and is stored nowhere.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("playlistkit", "report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = _rows(plan, begin)
    ready = dict(plan.reserves)
    at_once = ready.pop(GROUNDING_NOW, ())
    judgement = objective.judge(plan.session, plan.slots)
    return environment.get_template("sheet.html").render(
        plan=plan,
        plain=words.plain,
        clock=words.clock,
        title_of=words.title_of,
        artist_of=words.artist_of,
        length=words.length,
        voice=words.voice,
        light=COLORS,
        dark=DARK,
        arc=plan_drawing(plan),
        narrow=plan_drawing(plan, width=NARROW, details=False),
        script=_script(),
        policy=sheet_policy(),
        begin=words.time_of_day(begin, 0.0),
        time_of_day=lambda at: words.time_of_day(begin, at),
        readings=readings(plan),
        grounding_now=at_once,
        spares=_spares(plan, ready),
        notes={phase.name: phase for phase in plan.template.phases},
        sections=[(phase, [row for row, name in rows if name == phase.name]) for phase in plan.phases],
        unsure=any(row.tempo.startswith("~") for row, _ in rows),
        tail=[row for row, name in rows if name == objective.TAIL],
        joins=_joins(plan),
        settings=tuple(_settings(plan)),
        player=words.players(plan.session.player),
        gained=any(slot.gain for slot in (*plan.slots, *plan.tail)),
        remarks=words.remarks(plan),
        energy_rms=judgement.energy_rms,
        verdict=words.verdict(plan),
        certificate=words.certified(plan.certificate),
    )


def sheet_policy() -> str:
    """The content security policy of a sheet: nothing external, and no script but its own."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"


def _script() -> str:
    return (resources.files("playlistkit.report") / "sheet.js").read_text(encoding="utf-8").strip()


def _spares(plan: Plan, reserves: Mapping[str, Sequence[Reserve]]) -> list[_Spare]:
    """Each track in reserve once, with its energy as it would be heard in each of its phases."""
    loudness = {phase.name: phase.loudness for phase in plan.template.phases}
    energies: dict[str, set[str]] = {}
    phases: dict[str, list[tuple[str, str]]] = {}
    known: dict[str, Reserve] = {}
    for phase, each in ((phase, each) for phase, ready in reserves.items() for each in ready):
        known.setdefault(each.track.id, each)
        phases.setdefault(each.track.id, []).append((words.plain(phase), words.plain(each.reason)))
        (energy,) = energies_of(plan.session.player, [each.features], loudness.get(phase))
        if not np.isnan(energy):
            energies.setdefault(each.track.id, set()).add(f"{energy:.2f}")
    return [
        _Spare(
            words.title_of(each.track),
            words.artist_of(each.track),
            words.length(each.track.duration),
            " or ".join(sorted(energies.get(key, ()))),
            tuple(phases[key]),
        )
        for key, each in known.items()
    ]


def _rows(plan: Plan, begin: float | None) -> list[tuple[_Row, str]]:
    flags, pins = words.flagged_joins(plan), words.pinned(plan)
    due = readings(plan)
    rows = []
    for track in played(plan):
        slot, features = track.slot, track.slot.features
        row = _Row(
            number=track.number,
            time=words.clock(slot.start),
            title=words.title_of(slot.track),
            artist=words.artist_of(slot.track),
            length=words.length(slot.duration),
            tempo=words.tempo(features) or "–",
            energy="–" if track.mean is None else f"{track.mean:.2f}",
            voice=words.voice(features),
            gain=f"{slot.gain:+.1f}" if slot.gain else "0",
            why=words.plain(slot.reason),
            pinned=slot.track.id in pins,
            flagged=track.number - 1 in flags,
            at=slot.start,
            clock=words.time_of_day(begin, slot.start),
            readings=tuple(each for each in due if each.slot == track.number - 1),
        )
        rows.append((row, slot.phase))
    return rows


def _joins(plan: Plan) -> list[tuple[int, str, list[str]]]:
    """For each flagged join: the later track's number, its time, and the reasons."""
    return [
        (k + 1, words.clock(plan.slots[k].start), reasons) for k, reasons in words.flagged_joins(plan).items()
    ]


def _settings(plan: Plan) -> Iterator[str]:
    """The player's settings, one sentence each."""
    player, overlap = plan.session.player, objective.overlap_of(plan.session)
    if player != "render":
        yield f"Crossfade {overlap:g} s." if overlap else "Crossfade off (0 s)."
    yield from PLAYER_SETTINGS[player]
    if plan.slots:
        loudest = max(
            (track for track in played(plan) if track.level is not None),
            key=lambda track: track.level or 0.0,
            default=None,
        )
        if loudest is not None:
            yield f"Set the volume while track {loudest.number}, the loudest, plays, and leave it there."
