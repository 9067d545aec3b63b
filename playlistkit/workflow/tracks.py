"""The tracks of a library: which of them, and the therapist's word over the machine's."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Sequence

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import (
    FEATURE_NAMES,
    FEATURE_RANGES,
    FEATURE_WORDS,
    Candidate,
    Curve,
    Phase,
    Session,
    Template,
)
from playlistkit.workflow.templates import load_template

__all__ = ["NEEDED", "as_dict", "parse_value", "set_values", "tracks"]

NEEDED = ("energy", "loudness", "tempo", "vocals")
"""What a track should have before it is planned with, most needed first."""

NOT_BY_HAND = ("timbre", "timbre_start", "timbre_end", "energy_curve", "loudness_curve")
MARKS = ("avoid", "keep")
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def tracks(
    library: Library,
    text: str = "",
    *,
    missing: bool = False,
    phase: str | None = None,
    template: Template | str | os.PathLike[str] = "phases",
) -> list[Candidate]:
    """The library's tracks, narrowed.

    Parameters
    ----------
    library : Library
    text : str
        What title, artist, album or path must contain; empty: all.
    missing : bool
        Only tracks that lack one of `NEEDED`, those that lack least first: they are soonest of use.
    phase : str, optional
        Only tracks that the rules of this phase of `template` allow.
    template : Template, str or path

    Raises
    ------
    InputError
        If the template has no such phase.
    """
    found = library.find(text) if text else library.candidates()
    if phase is not None:
        arc = template if isinstance(template, Template) else load_template(template)
        wanted = next((each for each in arc.phases if each.name == phase), None)
        if wanted is None:
            names = [each.name for each in arc.phases]
            raise InputError(f"{arc.name!r} has no phase {phase!r}; it has {', '.join(names)}")
        found = _allowed(found, wanted, arc)
    if missing:
        found = sorted((each for each in found if lacking(each)), key=lambda each: len(lacking(each)))
    return found


def _allowed(candidates: list[Candidate], phase: Phase, template: Template) -> list[Candidate]:
    """Those that the rules of a phase allow; none where it has no minutes by default."""
    arc = objective.Arc(template)
    if phase not in arc.phases:
        return []
    table = objective.Table.of([each.track for each in candidates], [each.features for each in candidates])
    allowed = objective.eligibility(Session(template), arc, candidates, table).allowed()
    return [candidates[row] for row in allowed[arc.phases.index(phase)].nonzero()[0]]


def lacking(candidate: Candidate) -> tuple[str, ...]:
    """The needed features that are not known of a track."""
    return tuple(name for name in NEEDED if getattr(candidate.features, name) in (None, "unknown"))


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
    """Take the therapist's word for a track.

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
        If the track or a name is not known or a value is wrong; then nothing is changed.
    """
    known = library.resolve(track)
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
    if features:
        library.set_features(known.track.id, features, "set")
    if marks or note is not None:
        library.mark(known.track.id, keep=marks.get("keep"), avoid=marks.get("avoid"), note=note)
    return library.get(known.track.id)


def parse_value(name: str, text: str) -> object:
    """The value of a feature as typed by hand; `None` for an empty text.

    Raises
    ------
    InputError
        If there is no such feature, or the value is of the wrong kind or out of range.
    """
    if name not in FEATURE_NAMES or name in NOT_BY_HAND:
        settable = [each for each in (*FEATURE_NAMES, *MARKS, "note") if each not in NOT_BY_HAND]
        near = difflib.get_close_matches(name, settable, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(settable)}"
        raise InputError(f"{name!r} can't be set{hint}")
    if not text:
        return None
    if name in FEATURE_WORDS:
        for word in FEATURE_WORDS[name]:
            if word.lower() == text.lower():
                return word
        raise InputError(f"{name}={text}: give one of {', '.join(FEATURE_WORDS[name])}")
    if name == "fades":
        if text.lower() not in YES_OR_NO:
            raise InputError(f"{name}={text}: give yes or no")
        return YES_OR_NO[text.lower()]
    low, high = FEATURE_RANGES.get(name, (0.0, 1.0))
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{name}={text}: give a number from {low:g} to {high:g}") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name}={text}: give a number from {low:g} to {high:g}")
    return value
