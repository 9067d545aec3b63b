"""Check an existing playlist, ours or anyone's: phase by phase, join by join, track by track."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playlistkit import objective
from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import (
    Candidate,
    Finding,
    Player,
    Session,
    Slot,
    Template,
    clarity_of,
    felt,
    vocals_of,
)
from playlistkit.sources.playlist import read_playlist
from playlistkit.workflow.library import opened
from playlistkit.workflow.output.export import follow, load_plan
from playlistkit.workflow.planning.today import check_overlap
from playlistkit.workflow.playlists.entries import gone, read_entries
from playlistkit.workflow.playlists.grouped import grouped
from playlistkit.workflow.templates.finding import DEFAULT, load_template

__all__ = ["CheckReport", "JoinReport", "PhaseReport", "TrackReport", "check"]


@dataclass(frozen=True, slots=True)
class PhaseReport:
    """One phase as the playlist plays it."""

    name: str
    minutes: float
    """As played."""
    target: float
    """Minutes that the template asks for."""
    residual: float
    """Seconds by which it ends late."""
    energy: float | None
    """Mean energy of its tracks as heard, weighted by length; `None` if no track's is known."""
    tempo: float | None
    """Mean felt tempo in BPM, weighted by length and pulse clarity; `None` if no track has a known beat."""
    voice: Mapping[str, float]
    """Minutes by voice ("none", "wordless", "words", "unknown"), for those that occur."""
    tracks: int


@dataclass(frozen=True, slots=True)
class JoinReport:
    """One passage from a track to the next, as heard."""

    number: int
    """1 for the first, as in the findings."""
    time: float
    """Seconds from the session's start at which the second track begins."""
    loudness_step: float | None
    """LU; up is positive. `None`: not known, as for the others."""
    energy_step: float | None
    silence: float | None
    """Seconds in which neither track sounds."""
    overlap: float
    """Seconds in which both play."""


@dataclass(frozen=True, slots=True)
class TrackReport:
    """One track and its place."""

    number: int
    title: str
    phase: str
    """"tail" after the planned end."""
    start: float
    """Seconds from the session's start."""
    duration: float
    """Seconds; 0 if unknown."""
    energy: float | None
    voice: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check` found."""

    playlist: str
    template: str
    phases: tuple[PhaseReport, ...]
    joins: tuple[JoinReport, ...]
    tracks: tuple[TrackReport, ...]
    findings: tuple[Finding, ...]
    """What breaks a rule: tracks, then joins, then phases."""
    wishes: tuple[Finding, ...]
    """What the template would prefer to be different."""
    passed_over: tuple[str, ...]
    """What in the file was not understood."""
    score: float
    """Points under the objective: lower is better, 0 is perfect."""

    def as_dict(self) -> dict[str, object]:
        """The report as `check --json` gives it."""
        found = {name: [each.as_dict() for each in getattr(self, name)] for name in ("findings", "wishes")}
        return dataclasses.asdict(self) | found


@checks_arguments
def check(
    playlist: str | os.PathLike[str],
    library: Library,
    *,
    template: Template | str | os.PathLike[str] | None = None,
    player: Player | None = None,
    overlap: float | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> CheckReport:
    """Check a playlist against a template.

    Files that the library doesn't know are analysed first, without being added to it. Phases are assigned by the clock: each
    begins with the track that starts nearest to its target.

    Parameters
    ----------
    playlist : str or path
        Our plan, or a playlist of any make: M3U, XSPF, PLS, JSPF, ASX, WPL, CSV or iTunes XML.
    library : Library
    template : Template, str or path, optional
        By default the plan's own, or the shipped default.
    player : {"files", "spotify", "render"}, optional
        What will play it. A plan of ours keeps its own; by default it is what the playlist asks for: Spotify if all
        of it is there and nowhere else, otherwise a player of files.
    overlap : float >= 0, optional
        Seconds of crossfade that the player is set to.
    progress : callable, optional
        As for `scan`.

    Raises
    ------
    InputError
        If the playlist can't be read or names no track at all.

    Examples
    --------
    >>> with pk.Library("music.db") as library:
    ...     report = pk.check("session.m3u8", library, template="mine.yaml")
    >>> [(phase.name, phase.tracks) for phase in report.phases][0]
    ('arrival', ...)
    >>> all(finding.where.kind in ("track", "join", "phase", "session") for finding in report.findings)
    True
    """
    opened(library)
    check_overlap(overlap, player or "files")
    if template is not None and not isinstance(template, Template):
        template = load_template(template)
    plan = follow(load_plan(playlist), library) if Path(playlist).suffix.lower() == ".json" else None
    found: list[Finding] = []
    passed_over: tuple[str, ...] = ()
    if plan is not None and template is None:
        session, slots = plan.session, (*plan.slots, *plan.tail)
        found.extend(gone([slot.track for slot in slots]))
    else:
        session = Session(template or load_template(DEFAULT), player=player or "files", overlap=overlap)
        if plan is not None:
            session = dataclasses.replace(session, player=plan.session.player, overlap=plan.session.overlap)
            found.extend(gone([slot.track for slot in (*plan.slots, *plan.tail)]))
            slots = (*objective.lay_along(session, plan.slots), *plan.tail)
        else:
            read = read_playlist(playlist)
            known = read_entries(read.entries, library, playlist=playlist, progress=progress)
            if not known.candidates:
                raise InputError(
                    f"{os.fspath(playlist)}: names no track; give a playlist (.m3u8, .xspf, .jspf, .csv or a plan)"
                )
            candidates = list(known.candidates)
            if player is None and _is_on_spotify_alone(candidates):
                session = dataclasses.replace(session, player="spotify")
            found.extend(known.findings)
            passed_over = (*read.passed_over, *known.notes)
            slots = objective.lay_out(session, candidates)
    played = [slot for slot in slots if slot.phase != objective.TAIL]
    judged = objective.judge(session, played)
    found.extend(objective.findings(session, played))
    return CheckReport(
        playlist=os.fspath(playlist),
        template=session.template.name,
        phases=tuple(_phases(session, played, judged.residuals)),
        joins=tuple(_joins(played, judged.joins)),
        tracks=tuple(_tracks(session, slots)),
        findings=grouped((each for each in found if each.breaks), slots),
        wishes=grouped((each for each in found if not each.breaks), slots),
        passed_over=passed_over,
        score=round(judged.score.total, 3),
    )


def _is_on_spotify_alone(candidates: Sequence[Candidate]) -> bool:
    """Whether a playlist has no files and Spotify can play all of it."""
    return all(each.track.uri is not None and each.track.path is None for each in candidates)


def _phases(session: Session, slots: Sequence[Slot], residuals: dict[str, float]) -> Iterator[PhaseReport]:
    for phase in session.template.phases:
        own = [slot for slot in slots if slot.phase == phase.name]
        voice: dict[str, float] = {}
        for slot in own:
            sung = vocals_of(slot.features)
            voice[sung] = round(voice.get(sung, 0.0) + (slot.duration - slot.overlap) / 60, 2)
        heard = objective.energies_heard(session, own) if own else ()
        energy = _mean([(each, slot.duration) for each, slot in zip(heard, own, strict=True)])
        tempo = _mean(
            [
                (slot.features.tempo, slot.duration * clarity_of(slot.features) * felt(slot.features))
                for slot in own
            ]
        )
        yield PhaseReport(
            name=phase.name,
            minutes=round(sum(slot.duration - slot.overlap for slot in own) / 60, 2),
            target=phase.minutes.default,
            residual=round(residuals.get(phase.name, -phase.minutes.default * 60), 1),
            energy=None if energy is None else round(energy, 3),
            tempo=None if tempo is None else round(tempo, 1),
            voice=voice,
            tracks=len(own),
        )


def _mean(weighed: Sequence[tuple[float | None, float]]) -> float | None:
    """Weighted mean of the known values."""
    known = [(value, weight) for value, weight in weighed if value is not None]
    whole = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / whole if whole else None


def _joins(slots: Sequence[Slot], joins: Sequence[objective.Join]) -> Iterator[JoinReport]:
    for number, (one, two, join) in enumerate(zip(slots, slots[1:], joins, strict=False), 1):
        known = one.features.silence_end is not None and two.features.silence_start is not None
        yield JoinReport(
            number=number,
            time=round(two.start, 3),
            loudness_step=None if join.loudness_step is None else round(join.loudness_step, 2),
            energy_step=None if join.energy_step is None else round(join.energy_step, 3),
            silence=round(join.silence, 3) if known else None,
            overlap=round(one.overlap, 3),
        )


def _tracks(session: Session, slots: Sequence[Slot]) -> Iterator[TrackReport]:
    heard = objective.energies_heard(session, slots)
    for number, (slot, energy) in enumerate(zip(slots, heard, strict=True), 1):
        yield TrackReport(
            number=number,
            title=slot.track.title or slot.track.id,
            phase=slot.phase,
            start=round(slot.start, 3),
            duration=round(slot.duration, 3),
            energy=energy,
            voice=vocals_of(slot.features),
        )
