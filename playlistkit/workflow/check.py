"""What is wrong with an existing playlist, ours or anybody's: phase by phase, join by join, track by track."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Finding, Player, Session, Slot, Template, Track
from playlistkit.sources.playlist import Entry, read_playlist
from playlistkit.workflow.export import load_plan
from playlistkit.workflow.scan import scan
from playlistkit.workflow.templates import DEFAULT, load_template

__all__ = ["CheckReport", "PhaseReport", "check"]

MOST_SILENCE = 2.0  # s between two tracks; the protocols' longest unintended silence


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
    """Mean energy of its tracks, weighed by their length; `None`: not known of any."""
    tracks: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check` found."""

    playlist: str
    template: str
    phases: tuple[PhaseReport, ...]
    findings: tuple[Finding, ...]
    """What breaks a rule, in the order of time."""
    wishes: tuple[Finding, ...]
    """What the template would rather have otherwise."""
    passed_over: tuple[str, ...]
    """What of the file was not understood."""
    score: float
    """Points under the objective: lower is better, 0 is perfect."""

    def as_dict(self) -> dict[str, object]:
        """The report as `check --json` gives it."""
        return dataclasses.asdict(self)


def check(
    playlist: str | os.PathLike[str],
    library: Library,
    *,
    template: Template | str | os.PathLike[str] | None = None,
    player: Player = "files",
    overlap: float | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> CheckReport:
    """Hold a playlist against a template.

    Files that the library doesn't know are analysed into it first. Phases are dealt out by the clock: each
    begins with the track that starts nearest to its target.

    Parameters
    ----------
    playlist : str or path
        Our plan, or M3U, XSPF, PLS, JSPF, ASX or CSV of any make.
    library : Library
    template : Template, str or path, optional
        By default the plan's own, or the shipped default.
    player : {"files", "spotify", "render"}
        What will play it. A plan of ours keeps its own.
    overlap : float >= 0, optional
        Seconds of crossfade that the player is set to.
    progress : callable, optional
        As for `scan`.

    Raises
    ------
    InputError
        If the playlist can't be read or names no track at all.
    """
    if template is not None and not isinstance(template, Template):
        template = load_template(template)
    plan = load_plan(playlist) if Path(playlist).suffix.lower() == ".json" else None
    found: list[Finding] = []
    passed_over: tuple[str, ...] = ()
    if plan is not None and template is None:
        session, slots = plan.session, plan.slots
        found.extend(
            _gone(f"track {number}", slot.track)
            for number, slot in enumerate((*slots, *plan.tail), 1)
            if slot.track.path is not None and not Path(slot.track.path).is_file()
        )
    else:
        session = Session(template or load_template(DEFAULT), player=player, overlap=overlap)
        if plan is not None:
            session = dataclasses.replace(session, player=plan.session.player, overlap=plan.session.overlap)
            candidates = [Candidate(slot.track, slot.features) for slot in (*plan.slots, *plan.tail)]
        else:
            read = read_playlist(playlist)
            passed_over = read.passed_over
            if not read.entries:
                raise InputError(f"{os.fspath(playlist)}: names no track")
            candidates = _known(read.entries, library, progress)
            found.extend(
                _gone(f"track {number}", each.track)
                for number, each in enumerate(candidates, 1)
                if each.track.path is not None and not Path(each.track.path).is_file()
            )
        slots = objective.lay_out(session, candidates)
    judged = objective.judge(session, slots)
    found.extend(objective.findings(session, slots))
    found.extend(_silences(slots))
    return CheckReport(
        playlist=os.fspath(playlist),
        template=session.template.name,
        phases=tuple(_phases(session, slots, judged.residuals)),
        findings=tuple(each for each in found if each.breaks),
        wishes=tuple(each for each in found if not each.breaks),
        passed_over=passed_over,
        score=round(judged.score.total, 3),
    )


def _known(
    entries: Sequence[Entry], library: Library, progress: Callable[[int, int, str], None] | None
) -> list[Candidate]:
    """What is known of each entry, after listening to the files that are new."""
    by_path = {each.track.path: each for each in library.candidates() if each.track.path}
    new = list(
        dict.fromkeys(
            entry.path
            for entry in entries
            if entry.path is not None and entry.path not in by_path and Path(entry.path).is_file()
        )
    )
    if new:
        scan(library, *new, progress=progress)
    return [_candidate(entry, number, library) for number, entry in enumerate(entries, 1)]


def _candidate(entry: Entry, number: int, library: Library) -> Candidate:
    for name in (entry.path, entry.uri):
        if name is not None:
            try:
                known = library.resolve(name)
            except InputError:
                continue
            return dataclasses.replace(
                known, track=dataclasses.replace(known.track, path=entry.path or known.track.path)
            )
    title = entry.title or Path(entry.path or entry.uri or "").name or f"track {number}"
    return Candidate(
        Track(
            id=entry.path or entry.uri or f"entry {number}",
            path=entry.path,
            uri=entry.uri,
            title=title,
            artist=entry.artist,
            album=entry.album,
            duration=entry.duration or 0.0,
        ),
        Features(),
    )


def _gone(where: str, track: Track) -> Finding:
    return Finding("missing", where, f"the file is not there: {track.path}")


def _silences(slots: Sequence[Slot]) -> Iterator[Finding]:
    """Joins at which nothing sounds for long."""
    for k, (one, two) in enumerate(itertools.pairwise(slots), 1):
        silence = (one.features.silence_end or 0.0) + (two.features.silence_start or 0.0) - one.overlap
        if silence > MOST_SILENCE:
            names = f"{one.track.title or one.track.id} to {two.track.title or two.track.id}"
            yield Finding("silence", f"join {k}", f"{names}: {silence:.1f} s of silence.")


def _phases(session: Session, slots: Sequence[Slot], residuals: dict[str, float]) -> Iterator[PhaseReport]:
    for phase in session.template.phases:
        own = [slot for slot in slots if slot.phase == phase.name]
        known = [slot for slot in own if slot.features.energy is not None]
        length = sum(slot.duration for slot in known)
        yield PhaseReport(
            name=phase.name,
            minutes=round(sum(slot.duration - slot.overlap for slot in own) / 60, 2),
            target=phase.minutes.default,
            residual=round(residuals.get(phase.name, -phase.minutes.default * 60), 1),
            energy=round(sum((slot.features.energy or 0.0) * slot.duration for slot in known) / length, 3)
            if length
            else None,
            tracks=len(own),
        )
