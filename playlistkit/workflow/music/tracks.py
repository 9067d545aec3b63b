"""The tracks of a library: list some of them, and let the therapist overrule what was measured."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import (
    FEATURE_NAMES,
    FEATURES,
    SINGLE,
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

__all__ = [
    "Assignments", "Page", "as_dict", "lacking", "needed_by", "page", "parse_assignments", "parse_value", "set_many",
    "set_values", "taking_back",
    "tracks",
]  # fmt: skip

ALWAYS_NEEDED = ("energy", "loudness")
"""What every track should have before it is used in a plan, whatever the template."""

ONLY_HEARD = ("brightness", "percussiveness", "loudness_range")
"""Features that can't be known of a track without a file; if unknown, no rule bars the track by them."""

MARKS = ("avoid", "keep")
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


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


def set_values(library: Library, track: str, assignments: Sequence[str]) -> Candidate:
    """Store the therapist's values for a track.

    Parameters
    ----------
    library : Library
    track : str
        An id, a path, a URI or a unique title.
    assignments : sequence of str
        ``"NAME=VALUE"``: a feature, `avoid`, `keep` or `note`; an empty value takes it back.

    Returns
    -------
    Candidate
        The track as it is now.

    Raises
    ------
    InputError
        If the track or a name is unknown or a value is wrong; nothing is then changed.
    """
    said = parse_assignments(assignments)
    known = library.resolve(track)
    _take(library, known.track.id, said)
    return library.get(known.track.id)


def set_many(library: Library, tracks: Sequence[str], assignments: Sequence[str]) -> None:
    """Store the therapist's values for several tracks: for all or for none.

    Parameters
    ----------
    library : Library
    tracks : sequence of str
        Ids.
    assignments : sequence of str
        As for `set_values`.

    Raises
    ------
    InputError
        If a track or a name is unknown or a value is wrong; nothing is then changed.
    """
    said = parse_assignments(assignments)
    with library.transaction():
        for track in tracks:
            _take(library, track, said)


def taking_back(candidate: Candidate, assignments: Sequence[str]) -> list[str]:
    """The assignments that would restore a track's present values after these."""
    said = parse_assignments(assignments)
    back = []
    for name in said.features:
        before = getattr(candidate.features, name) if candidate.sources.get(name) == "set" else ""
        back.append(f"{name}={before}")
    marks = [mark for mark in MARKS if getattr(candidate, mark)] if said.marks else []
    back += [f"{mark}=yes" for mark in marks] or [f"{mark}=no" for mark in said.marks]
    return back + ([f"note={candidate.note or ''}"] if said.note is not None else [])


@dataclass(frozen=True, slots=True)
class Assignments:
    """What somebody says about a track."""

    features: dict[str, object] = field(default_factory=dict)
    """By name; `None` takes it back."""
    marks: dict[str, bool] = field(default_factory=dict)
    """`keep` and `avoid`."""
    note: str | None = None
    """`None` leaves it as it is; an empty text deletes it."""


def parse_assignments(assignments: Sequence[str]) -> Assignments:
    """Read ``NAME=VALUE`` texts.

    Raises
    ------
    InputError
        If one has no ``=``, a name is unknown or a value is wrong.
    """
    features: dict[str, object] = {}
    marks: dict[str, bool] = {}
    note: str | None = None
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name, text = name.strip().replace("-", "_"), text.strip()
        if not equals:
            raise InputError(f"{assignment!r}: give NAME=VALUE, such as vocals=none")
        if name in MARKS:
            if text.lower() not in (*YES_OR_NO, ""):
                raise InputError(f"{assignment!r}: give {name}=yes or {name}=no")
            marks[name] = YES_OR_NO.get(text.lower(), False)
        elif name == "note":
            note = text
        else:
            features[name] = parse_value(name, text)
    return Assignments(features, marks, note)


def _take(library: Library, track: str, said: Assignments) -> None:
    if said.features:
        # a number by hand replaces a rating by ear, and its doubt
        doubt = {"energy_doubt": None} if "energy" in said.features else {}
        library.set_features(track, {**doubt, **said.features}, "set")
    if said.marks or said.note is not None:
        library.mark(track, keep=said.marks.get("keep"), avoid=said.marks.get("avoid"), note=said.note)


MEANT = {
    "voice": "vocals",
    "vocal": "vocals",
    "bpm": "tempo",
    "lufs": "loudness",
    "percussion": "percussiveness",
}
"""What people type for a feature."""


def parse_value(name: str, text: str) -> object:
    """The value of a feature as typed by hand; `None` for an empty text.

    Raises
    ------
    InputError
        If there is no such feature, or the value is of the wrong kind or out of range.
    """
    if name not in SINGLE:
        settable = (*SINGLE, *MARKS, "note")
        near = [MEANT[name]] if name in MEANT else difflib.get_close_matches(name, settable, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(settable)}"
        raise InputError(f"{name!r} can't be set{hint}")
    if not text:
        return None
    kind = FEATURES[name]
    if kind.shape == "words":
        for word in kind.words:
            if word.lower() == text.lower():
                return word
        raise InputError(f"{name}={text}: give one of {', '.join(kind.words)}")
    if kind.shape == "flag":
        if text.lower() not in YES_OR_NO:
            raise InputError(f"{name}={text}: give yes or no")
        return YES_OR_NO[text.lower()]
    low, high = kind.low, kind.high
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{name}={text}: give a number from {low:g} to {high:g}") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name}={text}: give a number from {low:g} to {high:g}")
    return value
