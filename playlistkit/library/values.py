"""Values as stored in the library: JSON for features, 16-bit integers for curves, text without surrogates."""

from __future__ import annotations

import difflib
import json
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from playlistkit.errors import InputError, LibraryError
from playlistkit.model import FEATURE_NAMES, FEATURES, Curve, Features, Source

__all__ = ["check", "curve", "decode", "encodable", "known", "pack", "storable"]

CURVES = frozenset(name for name, kind in FEATURES.items() if kind.shape == "curve")
VECTORS = frozenset(name for name, kind in FEATURES.items() if kind.shape == "vector")
WORDS = frozenset(name for name, kind in FEATURES.items() if kind.shape == "words")
DECIMALS = 6  # far finer than any measurement; saves a third of the file's size


def check(name: str, value: Any, source: Source) -> None:
    """Refuse an unknown feature, a value of the wrong type, or an implausible value.

    Raises
    ------
    InputError
        If the name is not a feature's, or the value is not of its kind, not finite, or, unless
        measured, out of the feature's range.
    """
    if name not in FEATURE_NAMES:
        near = difflib.get_close_matches(name, FEATURE_NAMES, n=1)
        raise InputError(f"there is no feature {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    if value is None:
        return
    kind = FEATURES[name]
    if kind.shape == "curve":
        wanted, right = "a Curve", isinstance(value, Curve)
    elif kind.shape == "vector":
        wanted = "a tuple of finite numbers"
        right = isinstance(value, tuple) and all(_is_number(each) for each in value)
    elif kind.shape == "words":
        wanted, right = f"one of {', '.join(kind.words)}", value in kind.words
    elif kind.shape == "flag":
        wanted, right = "True or False", isinstance(value, bool)
    else:
        wanted = f"a number from {kind.low:g} to {kind.high:g}"
        right = _is_number(value) and (source == "measured" or kind.low <= value <= kind.high)
    if not right:
        raise InputError(f"{name}: {value!r} should be {wanted}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def known(features: Features) -> dict[str, Any]:
    """The features that are not `None`, by name."""
    return {name: value for name in FEATURE_NAMES if (value := getattr(features, name)) is not None}


def encodable(values: Mapping[str, Any]) -> dict[str, Any]:
    """All values except curves, ready for JSON, with numbers rounded to six decimals."""
    return {name: _rounded(value) for name, value in values.items() if not isinstance(value, Curve)}


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [round(float(each), DECIMALS) for each in value]
    # float(): json refuses numpy's float32
    return value if isinstance(value, (bool, str, NoneType)) else round(float(value), DECIMALS)


def decode(text: str) -> dict[str, Any]:
    """Parse stored values; skips names from a newer playlistkit. Raises `LibraryError` if they are damaged."""
    try:
        values: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise LibraryError(
            "the features of a track can't be read: the library is damaged; "
            "restore it from a copy, or move it away and scan again"
        ) from error
    for name in values.keys() - FEATURES.keys():
        del values[name]
    for name in values.keys() & VECTORS:
        values[name] = tuple(values[name])
    for name in values.keys() & WORDS:
        values[name] = sys.intern(values[name]) if isinstance(values[name], str) else values[name]
    return values


def storable(text: str) -> str:
    """Text that SQLite can store: lone surrogates, as in broken tags, become question marks."""
    return text.encode("utf-8", "replace").decode()


def tag(value: str | int | Sequence[str] | None) -> str | int | None:
    """A tag as stored: a list of names as JSON; empty values as unknown."""
    if not value:
        return None
    if isinstance(value, (str, int)):
        return storable(value) if isinstance(value, str) else value
    return json.dumps([storable(each) for each in value], ensure_ascii=False)


def names(text: str | None) -> tuple[str, ...]:
    """The list of names in a column."""
    return tuple(json.loads(text)) if text else ()


def pack(values: Curve) -> bytes:
    """A curve as 16-bit little-endian integers, the same on every machine."""
    return _little_endian(bytes(values))


def curve(packed: bytes, step: float) -> Curve:
    """The curve in `packed`."""
    return Curve.from_bytes(_little_endian(packed), step)


def _little_endian(packed: bytes) -> bytes:
    """Swap between native and little-endian; the same in both directions."""
    if sys.byteorder == "little":
        return packed
    integers = array("h", packed)
    integers.byteswap()
    return integers.tobytes()
