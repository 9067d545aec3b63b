"""Check the arguments of a public function by its annotations, before any of its work begins.

Text, paths, numbers, yes or no, words of a list and values of our own types are checked, and NumPy's numbers become plain
ones. What has its own meaning in a function, such as candidates or a library, the function checks itself.

There are libraries that check by annotations. They say which type was wanted; these checks say what to give instead, in the
sentences of `given`, and take whatever stands for a plain value, such as a NumPy scalar.
"""

from __future__ import annotations

import collections.abc
import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, wraps
from types import FunctionType, NoneType, SimpleNamespace, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from playlistkit.errors import InputError
from playlistkit.given import (
    flag_given,
    id_given,
    list_given,
    number_given,
    path_given,
    plan_given,
    shown,
    whole_given,
    word_given,
)
from playlistkit.model import Plan, Template

__all__ = ["checks_arguments", "fitting"]

Function = TypeVar("Function", bound=Callable[..., Any])
Check = Callable[[Any, str], Any]
"""Takes a value and its name; returns it as a plain value, or raises InputError."""

PLAIN: Mapping[Any, Check] = {str: id_given, int: whole_given, float: number_given, bool: flag_given}
LISTS = (collections.abc.Iterable, collections.abc.Collection, collections.abc.Sequence)
CHECKED_ITSELF = frozenset({"library", "candidates", "session", "minutes"})
"""Parameters that a function says more about than that they have the wrong type."""


def checks_arguments(what: Function) -> Function:
    """Let a function, or every public method of a class, check its arguments.

    Raises
    ------
    InputError
        By the function, if an argument has another type than its annotation says.
    """
    if not inspect.isclass(what):
        checking: Function = _checking(what)
        return checking
    for name, member in list(what.__dict__.items()):
        if isinstance(member, FunctionType) and (name == "__init__" or not name.startswith("_")):
            setattr(what, name, _checking(member))
    return what


def fitting(hints: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name as plain ones, checked by their annotations. Raises InputError."""
    return {
        name: value if name in CHECKED_ITSELF else _fit(hints.get(name), value, name)
        for name, value in values.items()
    }


def _checking(function: Any) -> Any:
    signature = inspect.signature(function)

    @wraps(function)
    def checking(*args: Any, **named: Any) -> Any:
        try:
            bound = signature.bind(*args, **named)
        except TypeError:
            return function(*args, **named)  # whose own error says what is missing
        hints = _hints(function)
        for name, value in bound.arguments.items():
            kind = signature.parameters[name].kind
            if name in CHECKED_ITSELF or kind is inspect.Parameter.VAR_KEYWORD:
                continue
            if kind is inspect.Parameter.VAR_POSITIONAL:
                bound.arguments[name] = tuple(_fit(hints.get(name), each, name) for each in value)
            else:
                bound.arguments[name] = _fit(hints.get(name), value, name)
        return function(*bound.args, **bound.kwargs)

    return checking


@cache
def _hints(function: Any) -> dict[str, Any]:
    """The annotations of a function, without those that name what only a type checker imports."""
    hints: dict[str, Any] = {}
    for name, written in function.__annotations__.items():
        with suppress(NameError):
            hints |= get_type_hints(SimpleNamespace(__annotations__={name: written}), function.__globals__)
    return hints


def _fit(hint: Any, value: Any, name: str) -> Any:
    check, optional = _check_of(hint)
    if check is None or (optional and value is None):
        return value
    return check(value, name)


@cache
def _check_of(hint: Any) -> tuple[Check | None, bool]:
    """How a value of this annotation is checked, `None` if it isn't; and whether it may be None."""
    several = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = [each for each in several if each is not NoneType]
    optional = len(kinds) < len(several)
    if len(kinds) == 2 and str in kinds and any("PathLike" in str(each) for each in kinds):
        return path_given, optional
    return (_check_of_one(kinds[0]) if len(kinds) == 1 else None), optional


def _check_of_one(hint: Any) -> Check | None:
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return lambda value, name: word_given(value, inner, name)
    if origin is collections.abc.Callable:
        return _callable_given
    if origin in LISTS and inner and (one := _check_of_one(inner[0])) is not None:
        return lambda value, name: [one(each, name) for each in list_given(value, name)]
    if origin is collections.abc.Mapping:
        return _mapping_given
    if hint is Plan:
        return lambda value, _: plan_given(value)
    if origin is None and isinstance(hint, type) and hint.__module__.startswith("playlistkit."):
        return lambda value, name: _instance_given(value, hint, name)
    return None


def _callable_given(value: Any, name: str) -> Any:
    if callable(value):
        return value
    raise InputError(f"{name}: {shown(value)} can't be called; give a function")


def _mapping_given(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value
    raise InputError(f"{name}: {shown(value)} is not a dict")


def _instance_given(value: Any, kind: type, name: str) -> Any:
    if isinstance(value, kind):
        return value
    hint = "; load_template reads one" if kind is Template and isinstance(value, str) else ""
    raise InputError(f"{name}: {shown(value)} is not a {kind.__name__}{hint}")
