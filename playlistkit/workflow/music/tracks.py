"""The tracks of a library, some of them or all, narrowed and sorted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import (
    FEATURE_NAMES,
    Candidate,
    Curve,
    Phase,
    Player,
    Range,
    Session,
    Template,
)
from playlistkit.workflow.music.query import parse_order, parse_query
from playlistkit.workflow.templates.finding import load_template

__all__ = ["Page", "as_dict", "lacking", "needed_by", "page", "tracks"]

ALWAYS_NEEDED = ("energy", "loudness")
"""What every track should have before it is used in a plan, whatever the template."""

ONLY_HEARD = ("brightness", "percussiveness", "loudness_range")
"""Features that can't be known of a track without a file; if unknown, no rule bars the track by them."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the tracks asked for."""

    count: int
    """How many there are in total."""
    tracks: list[Candidate]


def page(
    library: Library,
    query: str = "",
    *,
    sort: Sequence[str] = (),
    first: int = 0,
    most: int = 100,
) -> Page:
    """A stretch of the library's tracks, quick however large the library is.

    Parameters
    ----------
    library : Library
    query : str
        Conditions and words, as `parse_query` reads them; empty: all tracks.
    sort : sequence of str
        Columns, as `parse_order` reads them; by default artist, album and title.
    first : int
        How many to skip.
    most : int
        How many to give at most.

    Raises
    ------
    InputError
        If a column isn't known or a value can't be read.
    """
    found = _ids(library, query, sort)
    return Page(len(found), library.load(found[first : first + most]))


def tracks(
    library: Library,
    query: str = "",
    *,
    missing: bool = False,
    phase: str | None = None,
    template: Template | str | os.PathLike[str] = "phases",
    player: Player = "files",
    sort: Sequence[str] = (),
) -> list[Candidate]:
    """The library's tracks, narrowed and sorted.

    Parameters
    ----------
    library : Library
    query : str
        Conditions and words, as `parse_query` reads them, such as ``"energy:..0.3 vocals:unknown satie"``; empty:
        every track that can be played now.
    missing : bool
        Only tracks that lack something `template` asks for; those that lack least come first, since they are useful
        soonest.
    phase : str, optional
        Only tracks that the rules of this phase of `template` allow.
    template : Template, str or path
    player : {"files", "spotify", "render"}
        What will play them, for `phase`.
    sort : sequence of str
        Columns, as `parse_order` reads them: ``"energy-"`` for most first; by default artist, album and title.

    Raises
    ------
    InputError
        If the template has no such phase, a column isn't known or a value can't be read.
    """
    found = library.load(_ids(library, query, sort), available=not query.strip())
    if phase is not None or missing:
        arc = template if isinstance(template, Template) else load_template(template)
        if phase is not None:
            found = _allowed(found, _phase(arc, phase), arc, player)
        if missing:
            needed = needed_by(arc)
            found = sorted(
                (each for each in found if lacking(each, needed)), key=lambda each: len(lacking(each, needed))
            )
    return found


def _ids(library: Library, query: str, sort: Sequence[str]) -> list[str]:
    wanted = parse_query(query)
    orders = [parse_order(each) for each in sort or ("artist", "album", "title")]
    return library.select(wanted.conditions, text=wanted.text, orders=orders)


def _phase(template: Template, name: str) -> Phase:
    wanted = next((each for each in template.phases if each.name == name), None)
    if wanted is None:
        names = [each.name for each in template.phases]
        raise InputError(f"{template.name!r} has no phase {name!r}; it has {', '.join(names)}")
    return wanted


def _allowed(
    candidates: list[Candidate], phase: Phase, template: Template, player: Player
) -> list[Candidate]:
    """Those that the rules of a phase allow; none if it has no minutes by default."""
    arc = objective.Arc(template)
    if phase not in arc.phases:
        return []
    table = objective.Table.of([each.track for each in candidates], [each.features for each in candidates])
    session = Session(template, player=player)
    heard = objective.heard_by_phase(session, arc, table)
    allowed = objective.eligibility(session, arc, candidates, heard).allowed()
    return [candidates[row] for row in allowed[arc.phases.index(phase)].nonzero()[0]]


def needed_by(template: Template) -> tuple[str, ...]:
    """The features that a template asks for, most needed first: energy and loudness always."""
    asks = {
        "tempo": lambda phase: phase.tempo is not None,
        "vocals": lambda phase: phase.vocals != "any",
        "brightness": lambda phase: phase.brightness != Range(),
        "percussiveness": lambda phase: phase.percussiveness != Range(),
        "loudness_range": lambda phase: phase.loudness_range != Range(),
    }
    return (*ALWAYS_NEEDED, *(name for name, asked in asks.items() if any(map(asked, template.phases))))


def lacking(candidate: Candidate, needed: Sequence[str]) -> tuple[str, ...]:
    """The needed features that a track lacks but could have: some need a file to listen to."""
    return tuple(
        name
        for name in needed
        if getattr(candidate.features, name) in (None, "unknown")
        and (candidate.track.path is not None or name not in ONLY_HEARD)
    )


def as_dict(candidate: Candidate) -> dict[str, object]:
    """A track as `tracks --json` gives it. Curves are lists of numbers, one a second."""
    track = candidate.track
    features = {name: getattr(candidate.features, name) for name in FEATURE_NAMES}
    return {
        "id": track.id,
        "path": track.path,
        "uri": track.uri,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "isrc": track.isrc,
        "genre": track.genre,
        "duration": track.duration,
        "start": track.start,
        "end": track.end,
        "features": {
            name: list(value[:]) if isinstance(value, (Curve, tuple)) else value
            for name, value in features.items()
        },
        "sources": dict(candidate.sources),
        "keep": candidate.keep,
        "avoid": candidate.avoid,
        "note": candidate.note,
    }
