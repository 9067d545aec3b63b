"""Convert what a caller gives to plain values, or say in one sentence what is wrong with it.

NumPy scalars and arrays, generators and lists are converted; dicts, unknown words and values that should be numbers
but are not are refused at the call.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol, TypeGuard

from playlistkit.errors import InputError
from playlistkit.model import (
    FEATURES,
    Candidate,
    Curve,
    Features,
    Plan,
    Track,
)

__all__ = [
    "candidates_given",
    "flag_given",
    "id_given",
    "list_given",
    "number_given",
    "path_given",
    "plan_given",
    "shown",
    "text_given",
    "whole_given",
    "word_given",
]


class SupportsPath(Protocol):
    """What `os.PathLike` is."""

    def __fspath__(self) -> object: ...


NUMBERS = tuple(name for name, kind in FEATURES.items() if kind.shape == "number")
OTHERS = tuple(name for name in FEATURES if name not in NUMBERS)


def number_given(value: object, what: str) -> float:
    """A finite number, of whatever type.

    Raises
    ------
    InputError
        If it is not one; `what` names it.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and _is_finite(value):
        return float(value)
    raise InputError(f"{what}: {shown(value)} is not a number")


def whole_given(value: object, what: str) -> int:
    """A whole number, of whatever type. Raises as `number_given`."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    raise InputError(f"{what}: {shown(value)} is not a whole number")


def _is_finite(value: numbers.Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond any float
        return False


def flag_given(value: object, what: str) -> bool:
    """Yes or no; also NumPy's, and 1 and 0. Raises as `number_given`."""
    if type(value).__name__ in ("bool", "bool_") or (isinstance(value, numbers.Integral) and value in (0, 1)):
        return bool(value)
    raise InputError(f"{what}: {shown(value)} is not True or False")


def word_given(value: Any, words: Collection[Any], what: str) -> Any:
    """One of some words or numbers. Raises as `number_given`."""
    if isinstance(value, str | int) and value in words:
        return value
    raise InputError(f"{what} {shown(value)} must be one of {', '.join(map(str, words))}")


def list_given(values: Any, what: str) -> list[Any]:
    """A list of the values given; a single string is refused, since Python would iterate over its letters."""
    if isinstance(values, str):
        raise InputError(f"{what}={shown(values)}: give a list, [{shown(values)}]")
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise InputError(f"{what}: {shown(values)} is not a list")
    return list(values)


def text_given(value: object, what: str) -> str:
    """A text. Raises as `number_given`."""
    if isinstance(value, str):
        return value
    raise InputError(f"{what}: {shown(value)} is not a text")


def path_given(value: object, what: str) -> str:
    """A path, as a text. Raises as `number_given`."""
    path = value.__fspath__() if _is_path(value) else value
    if isinstance(path, str) and "\0" in path:
        raise InputError(f"{what}: {shown(path)} is not a path: no name holds a null character")
    if isinstance(path, str):
        return path
    raise InputError(f"{what}: {shown(value)} is not a path{_instead_of_a_path(value)}")


def _instead_of_a_path(value: object) -> str:
    if isinstance(value, Plan):
        return "; export writes a plan to a file"
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        return "; give several one by one, as *paths"
    return ""


def id_given(value: object, what: str) -> str:
    """A track's id, which is a text; a track itself is refused, with its id in the sentence."""
    track = getattr(value, "track", value)
    if isinstance(track, Track):
        raise InputError(f"{what}: give the track's id, {track.id!r}")
    return text_given(value, what)


def plan_given(plan: object) -> Plan:
    """The plan, if that is what was given. Raises as `number_given`."""
    if isinstance(plan, Plan):
        return plan
    hint = "; load_plan reads one" if isinstance(plan, str) or _is_path(plan) else ""
    raise InputError(f"plan: {shown(plan)} is not a Plan{hint}")


def candidates_given(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates with plain values for features.

    Raises
    ------
    InputError
        If something is not a Candidate, or a feature has an invalid value; the sentence says which and what to do.
    """
    given = list_given(candidates, "candidates")
    some = (_some(given[first : first + TOGETHER], first + 1) for first in range(0, len(given), TOGETHER))
    return list(chain.from_iterable(some))


TOGETHER = 1_000
"""Candidates that are checked together, feature by feature; one by one takes ten times as long."""


def _some(given: list[Any], first: int) -> list[Candidate]:
    """Some candidates with plain values; `first` is the number of the first, for the sentence."""
    names = _not_plain(given)
    if not names:
        return given
    return [_candidate(each, number, names) for number, each in enumerate(given, first)]


def _not_plain(given: list[Any]) -> Collection[str]:
    """The features that are not plain in every one of some candidates, or "duration"; all of them if something is no candidate."""
    names = ("duration", *FEATURES)
    if {*map(type, given)} != {Candidate}:
        return names
    tracks, features = [each.track for each in given], [each.features for each in given]
    if {*map(type, tracks)} != {Track} or {*map(type, features)} != {Features}:
        return names
    if not {type(track.id) for track in tracks} <= {str}:
        return names
    found = [] if _are_floats([track.duration for track in tracks]) else ["duration"]
    several = chain.from_iterable(map(attrgetter(*NUMBERS), features))
    unclear = OTHERS if _are_floats(several, unknown=True) else tuple(FEATURES)
    return found + [name for name in unclear if not _are_plain(name, map(attrgetter(name), features))]


def _candidate(given: object, number: int, names: Collection[str]) -> Candidate:
    """The candidate with plain values for the features of these names."""
    if not isinstance(given, Candidate):
        hint = "give Candidate(track, features)" if isinstance(given, Track) else "give playlistkit.Candidate"
        raise InputError(f"candidate {number} is {shown(given)}; {hint}")
    track, features = given.track, given.features
    if not isinstance(track, Track) or not isinstance(track.id, str):
        raise InputError(f"candidate {number}: its track is {shown(track)}; give Track(id=..., duration=...)")
    if not isinstance(features, Features):
        raise InputError(f"candidate {number}: its features are {shown(features)}; give Features(...)")
    where = f"candidate {number} ({track.title or track.id})"
    if "duration" in names and not _are_floats([track.duration]):
        track = dataclasses.replace(track, duration=number_given(track.duration, f"{where}: duration"))
    changes: dict[str, Any] = {
        name: _feature(name, value, where)
        for name in FEATURES.keys() & names
        if (value := getattr(features, name)) is not None and not _are_plain(name, [value])
    }
    if changes:
        features = dataclasses.replace(features, **changes)
    if track is given.track and features is given.features:
        return given
    return dataclasses.replace(given, track=track, features=features)


def _are_plain(name: str, values: Iterable[Any]) -> bool:
    """Whether all values of a feature are of the type that the model has, or unknown."""
    kind, known = FEATURES[name], [each for each in values if each is not None]
    if kind.shape == "number":
        return _are_floats(known)
    if kind.shape == "vector":
        return {*map(type, known)} <= {tuple} and _are_floats(chain.from_iterable(known))
    if kind.shape == "words":
        return {*map(type, known)} <= {str} and {*known} <= {*kind.words}
    return {*map(type, known)} <= {Curve if kind.shape == "curve" else bool}


def _are_floats(values: Iterable[Any], *, unknown: bool = False) -> bool:
    """Whether all values are finite floats or, if `unknown`, None."""
    all_values = list(values)
    allowed = {float, type(None)} if unknown else {float}
    return {*map(type, all_values)} <= allowed and math.isfinite(sum(filter(None, all_values)))


def _feature(name: str, value: Any, where: str) -> object:
    """A feature as a plain value."""
    kind = FEATURES[name]
    if kind.shape == "words":
        if isinstance(value, str) and str(value) in kind.words:
            return str(value)
        raise InputError(f"{where}: {name} {shown(value)} must be one of {', '.join(kind.words)}")
    if kind.shape == "flag":
        if type(value).__name__ in ("bool", "bool_"):
            return bool(value)
        raise InputError(f"{where}: {name} {shown(value)} must be True or False")
    if kind.shape == "number":
        return number_given(value, f"{where}: {name}")
    values = [number_given(each, f"{where}: {name}") for each in list_given(value, f"{where}: {name}")]
    return Curve(values, kind.step) if kind.shape == "curve" else tuple(values)


def _is_path(value: object) -> TypeGuard[SupportsPath]:
    return hasattr(value, "__fspath__")


def shown(value: object) -> str:
    """A value as a sentence quotes it: its beginning, and its type unless it is a text."""
    text = repr(value)
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return short if isinstance(value, str) else f"{short} ({type(value).__name__})"
