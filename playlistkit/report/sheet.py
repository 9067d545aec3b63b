"""The session sheet: one HTML file without any outside reference, to print or to keep open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playlistkit import objective
from playlistkit.model import Plan
from playlistkit.report import words
from playlistkit.report.arc import COLORS
from playlistkit.report.drawing import plan_drawing
from playlistkit.report.playback import played

__all__ = ["sheet_html"]

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
"""The colours on a dark screen; print is always on white."""

PLAYER_SETTINGS = {
    "files": (
        "Gapless playback on; no shuffle, no repeat.",
        "Volume levelling (ReplayGain, Sound Check) off: the plan judged the tracks as loud as they are.",
    ),
    "spotify": (
        "Settings, Playback: Normalise volume on, level Normal; the plan judged by it.",
        "Shuffle, Smart Shuffle, Autoplay, Automix and Jam off; download the playlist beforehand.",
    ),
    "render": (
        "Gains and crossfades are in the rendered file: no levelling and no crossfade in the player.",
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


def sheet_html(plan: Plan) -> str:
    """The session sheet of a plan as one HTML file.

    It holds the template and its variants, the arc, every track with its time and reason, joins to check by ear,
    reserves, what to set in the player, the phases' notes, the certificate, and lines to write on. No client's
    name is on it.

    Raises
    ------
    PlaylistkitError
        Never for what tags and names hold: everything is escaped.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("playlistkit", "report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = _rows(plan)
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


def _rows(plan: Plan) -> list[tuple[_Row, str]]:
    flags, pins = words.flagged_joins(plan), words.pinned(plan)
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
        )
        rows.append((row, slot.phase))
    return rows


def _joins(plan: Plan) -> list[tuple[int, str, list[str]]]:
    """The number of the later track, its time, and the reasons; the table names both tracks."""
    found = []
    for k, reasons in words.flagged_joins(plan).items():
        titles = [words.plain(slot.track.title or slot.track.id) for slot in plan.slots[k - 1 : k + 1]]
        own = [reason.removeprefix(" to ".join(titles)).lstrip(": ") for reason in reasons]
        found.append((k + 1, words.clock(plan.slots[k].start), own))
    return found


def _settings(plan: Plan) -> Iterator[str]:
    """What to set in the player, a sentence each."""
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
            yield f"Set the volume on track {loudest.number}, the loudest, and leave it there."
