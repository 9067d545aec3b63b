"""Convert what a caller gives to plain values, or say in one sentence what is wrong with it.

NumPy scalars and arrays, generators and lists are converted; dicts, unknown words and values that should be numbers
but are not are refused at the call.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeGuard

from playlistkit.errors import InputError
from playlistkit.model import (
    FEATURES,
    Candidate,
    Curve,
    Features,
    Plan,
    Session,
    Template,
    Track,
)

__all__ = [
    "candidates_given",
    "id_given",
    "list_given",
    "number_given",
    "path_given",
    "plan_given",
    "session_given",
    "text_given",
    "whole_given",
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
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise InputError(f"{what}: {_shown(value)} is not a number")


def whole_given(value: object, what: str) -> int:
    """A whole number, of whatever type. Raises as `number_given`."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    raise InputError(f"{what}: {_shown(value)} is not a whole number")


def list_given(values: Any, what: str) -> list[Any]:
    """A list of the values given; a single string is refused, since Python would iterate over its letters."""
    if isinstance(values, str):
        raise InputError(f"{what}={values!r}: give a list, [{values!r}]")
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise InputError(f"{what}: {_shown(values)} is not a list")
    return list(values)


def text_given(value: object, what: str) -> str:
    """A text. Raises as `number_given`."""
    if isinstance(value, str):
        return value
    raise InputError(f"{what}: {_shown(value)} is not a text")


def path_given(value: object, what: str) -> str:
    """A path, as a text. Raises as `number_given`."""
    path = value.__fspath__() if _is_path(value) else value
    if isinstance(path, str):
        return path
    hint = "; give several one by one, as *paths" if isinstance(value, list | tuple | set) else ""
    raise InputError(f"{what}: {_shown(value)} is not a path{hint}")


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
    raise InputError(f"plan: {_shown(plan)} is not a Plan{hint}")


def session_given(session: Session) -> Session:
    """The session with plain numbers. Raises as `number_given`."""
    if isinstance(session, Template):
        raise InputError("plan takes a session; give Session(template), or use build with a library")
    if not isinstance(session, Session):
        raise InputError(f"{_shown(session)} is not a Session; give Session(template)")
    if not isinstance(session.template, Template):
        raise InputError(f"template={_shown(session.template)} is not a Template; load_template reads one")
    return dataclasses.replace(
        session,
        seed=None if session.seed is None else whole_given(session.seed, "seed"),
        overlap=None if session.overlap is None else number_given(session.overlap, "overlap"),
    )


def candidates_given(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates with plain values for features.

    Raises
    ------
    InputError
        If something is not a Candidate, or a feature has an invalid value; the sentence says which and what to do.
    """
    return [_candidate(each, number) for number, each in enumerate(list_given(candidates, "candidates"), 1)]


def _candidate(given: object, number: int) -> Candidate:
    if not isinstance(given, Candidate):
        hint = "give Candidate(track, features)" if isinstance(given, Track) else "give playlistkit.Candidate"
        raise InputError(f"candidate {number} is {_shown(given)}; {hint}")
    track, features = given.track, given.features
    if not isinstance(track, Track) or not isinstance(track.id, str):
        raise InputError(
            f"candidate {number}: its track is {_shown(track)}; give Track(id=..., duration=...)"
        )
    if not isinstance(features, Features):
        raise InputError(f"candidate {number}: its features are {_shown(features)}; give Features(...)")
    where = f"candidate {number} ({track.title or track.id})"
    if type(track.duration) is not float or not math.isfinite(track.duration):
        track = dataclasses.replace(track, duration=number_given(track.duration, f"{where}: duration"))
    changes: dict[str, Any] = {
        name: _feature(name, value, where)
        for name in (OTHERS if _are_plain([getattr(features, name) for name in NUMBERS]) else FEATURES)
        if (value := getattr(features, name)) is not None and not _is_plain(name, value)
    }
    if changes:
        features = dataclasses.replace(features, **changes)
    if track is given.track and features is given.features:
        return given
    return dataclasses.replace(given, track=track, features=features)


def _are_plain(values: list[Any]) -> bool:
    """Whether numbers are plain ones or unknown, all at once: a library has twenty thousand times some twenty of them."""
    return {*map(type, values)} <= {float, type(None)} and math.isfinite(sum(filter(None, values)))


def _is_plain(name: str, value: object) -> bool:
    kind = FEATURES[name]
    if type(value) is float:
        return kind.shape != "words" and math.isfinite(value)
    if kind.shape == "words":
        return value in kind.words
    if type(value) is tuple and kind.shape == "vector":
        return {*map(type, value)} <= {float} and math.isfinite(sum(value))
    return type(value) is Curve or (kind.shape == "flag" and type(value) is bool)


def _feature(name: str, value: Any, where: str) -> object:
    """A feature as a plain value."""
    kind = FEATURES[name]
    if kind.shape == "words":
        if isinstance(value, str) and str(value) in kind.words:
            return str(value)
        raise InputError(f"{where}: {name} {_shown(value)} must be one of {', '.join(kind.words)}")
    if kind.shape == "flag":
        if type(value).__name__ in ("bool", "bool_"):
            return bool(value)
        raise InputError(f"{where}: {name} {_shown(value)} must be True or False")
    if kind.shape == "number":
        return number_given(value, f"{where}: {name}")
    values = [number_given(each, f"{where}: {name}") for each in list_given(value, f"{where}: {name}")]
    return Curve(values, kind.step) if kind.shape == "curve" else tuple(values)


def _is_path(value: object) -> TypeGuard[SupportsPath]:
    return hasattr(value, "__fspath__")


def _shown(value: object) -> str:
    text = repr(value)
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return short if isinstance(value, str) else f"{short} ({type(value).__name__})"
