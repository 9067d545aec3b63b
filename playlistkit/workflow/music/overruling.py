"""What the therapist says of tracks: values in place of measured ones, marks, notes; as typed, and stored."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import FEATURES, SINGLE, Candidate

__all__ = ["Assignments", "parse_assignments", "parse_value", "set_many", "set_values", "taking_back"]

MARKS = ("avoid", "keep")
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


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
