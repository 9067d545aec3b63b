"""Values that a programmer made: whether every field, down to the points of a curve, holds what its annotation says.

What was read from a file was checked there, with its line.
"""

from __future__ import annotations

import collections.abc
import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from playlistkit.errors import InputError
from playlistkit.given import (
    flag_given,
    list_given,
    number_given,
    shown,
    text_given,
    whole_given,
    word_given,
)
from playlistkit.model import Session, Template

__all__ = ["check_fields", "session_given"]

PLAIN: Mapping[Any, Callable[[Any, str], object]] = {
    str: text_given,
    int: whole_given,
    float: number_given,
    bool: flag_given,
}


def session_given(session: Session) -> Session:
    """The session, with a plain seed and overlap, and with sets.

    Raises
    ------
    InputError
        If it is none, or a field holds something else than its annotation says; the sentence names the field:
        ``session.template.phases[0].minutes``.
    """
    if isinstance(session, Template):
        raise InputError("plan takes a session; give Session(template), or use build with a library")
    if not isinstance(session, Session):
        raise InputError(f"{shown(session)} is not a Session; give Session(template)")
    if not isinstance(session.template, Template):
        raise InputError(f"template={shown(session.template)} is not a Template; load_template reads one")
    check_fields(session, "session")
    return dataclasses.replace(
        session,
        excluded_tracks=frozenset(session.excluded_tracks),
        excluded_artists=frozenset(session.excluded_artists),
        used_tracks=frozenset(session.used_tracks),
        seed=None if session.seed is None else whole_given(session.seed, "seed"),
        overlap=None if session.overlap is None else number_given(session.overlap, "overlap"),
    )


def check_fields(value: object, where: str) -> None:
    """Raise InputError unless all fields of a dataclass, and of those in it, hold what their annotations say."""
    _check(type(value), value, where)


def _check(hint: Any, value: Any, where: str) -> None:
    """Raise InputError unless `value` is what the annotation `hint` says."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value is not None or NoneType not in inner:
            _check(next(each for each in inner if each is not NoneType), value, where)
    elif hint in PLAIN:
        PLAIN[hint](value, where)
    elif origin is Literal:
        word_given(value, inner, where)
    elif dataclasses.is_dataclass(hint):
        _check_fields(hint, value, where)
    elif origin is tuple:
        _check_tuple(inner, value, where)
    elif origin is collections.abc.Mapping:
        if not isinstance(value, Mapping):
            raise InputError(f"{where}: {shown(value)} is not a dict")
    elif origin is frozenset:
        list_given(value, where)


def _check_fields(kind: Any, value: Any, where: str) -> None:
    if not isinstance(value, kind):
        raise InputError(f"{where}: {shown(value)} should be {_made(kind)}")
    for name, hint in _hints(kind).items():
        _check(hint, getattr(value, name), f"{where}.{name}")


def _check_tuple(inner: tuple[Any, ...], value: Any, where: str) -> None:
    several = inner[1:] == (...,)
    if not isinstance(value, tuple | list) or not (several or len(value) == len(inner)):
        what = "a tuple" if several else f"{len(inner)} values"
        raise InputError(f"{where}: {shown(value)} should be {what}")
    for number, each in enumerate(value):
        _check(inner[0] if several else inner[number], each, f"{where}[{number}]")


def _made(kind: Any) -> str:
    """How one is made: ``"Minutes(default, least, most)"``; without what may be left out, if something needn't be."""
    fields = dataclasses.fields(kind)
    missing = dataclasses.MISSING
    needed = [each for each in fields if each.default is missing and each.default_factory is missing]
    names = [each.name for each in needed or fields]
    return f"{kind.__name__}({', '.join(names[:3])}{', ...' if names[3:] else ''})"


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
