"""Queries that narrow and sort tracks: `energy:0.1..0.3 vocals:unknown length:..5:00 satie`.

The command line and the page share this syntax. A part with a colon is a condition on a column; all others are
searched for in title, artist, album, genre, note and path.
"""

from __future__ import annotations

import difflib
import math
import re
import shlex
from dataclasses import dataclass

from playlistkit.errors import InputError
from playlistkit.library import COLUMNS, NUMBERS, TAGS, Condition, Order
from playlistkit.model import FEATURE_WORDS

__all__ = ["COLUMN_NAMES", "Query", "parse_order", "parse_query"]

NICKNAMES = {"length": "duration", "voice": "vocals", "clarity": "pulse_clarity", "bpm": "tempo"}
"""Other names that people type for a column."""

COLUMN_NAMES = ("length", *(name for name in COLUMNS if name != "duration"))
"""The columns to narrow and sort by."""

UNKNOWN = ("unknown", "?")
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
RANGE = re.compile(r"(?P<low>.*?)\.\.(?P<high>.*)|(?P<only>.*)")
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: conditions on columns, and words to search for."""

    conditions: tuple[Condition, ...] = ()
    text: str = ""


def parse_query(text: str) -> Query:
    """Read what a person typed to narrow tracks.

    Parameters
    ----------
    text : str
        ``NAME:VALUE`` parts and words, in any order; quotes hold words together. Values are a number
        (``tempo:60``), a range with either side open (``energy:0.1..0.3``, ``length:..5:00``), a word or several
        (``vocals:none,wordless``), a part of a text (``artist:satie``) or ``unknown``.

    Raises
    ------
    InputError
        If a column isn't known or a value can't be read.

    Examples
    --------
    >>> parse_query("energy:..0.3 satie")
    Query(conditions=(Condition(column='energy', low=None, high=0.3, words=(), unknown=False),), text='satie')
    """
    conditions, words = [], []
    for part in _parts(text):
        name, colon, value = part.partition(":")
        # "Op:1", "C:\Music" and "spotify:track:..." are things to search for, not columns
        if not colon or not _meant_as_column(name, value):
            words.append(part)
            continue
        conditions.append(_condition(_column(name, part), value.strip(), part))
    return Query(tuple(conditions), " ".join(words))


def parse_order(text: str) -> Order:
    """Read a column to sort by: ``energy`` or ``energy+`` for least first, ``energy-`` for most first.

    Raises
    ------
    InputError
        If there is no such column.
    """
    name = text.strip()
    return Order(_column(name.rstrip("+-"), text), descending=name.endswith("-"))


def _parts(text: str) -> list[str]:
    words = shlex.shlex(text, posix=True)
    words.whitespace_split, words.commenters, words.quotes, words.escape = True, "", '"', ""
    try:
        return list(words)
    except ValueError:  # an unclosed quote, as in 12" mix: take it literally
        return text.split()


def _meant_as_column(name: str, value: str) -> bool:
    near = difflib.get_close_matches(name.lower(), (*COLUMNS, *NICKNAMES), n=1, cutoff=0.75)
    return bool(near) and not value.startswith(("/", "\\"))


def _column(name: str, part: str) -> str:
    plain = name.strip().lower().replace("-", "_")
    column = NICKNAMES.get(plain, plain)
    if column not in COLUMNS:
        near = difflib.get_close_matches(column, (*COLUMNS, *NICKNAMES), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(COLUMN_NAMES)}"
        raise InputError(f"{part!r}: tracks have no {name!r}; {hint}")
    return column


def _condition(column: str, value: str, part: str) -> Condition:
    if value.lower() in UNKNOWN:
        return Condition(column, unknown=True)
    if column in TAGS:
        return Condition(column, words=(value,))
    if column in ("keep", "avoid", "fades"):
        if value.lower() not in YES + NO:
            raise InputError(f"{part!r}: give {column}:yes or {column}:no")
        yes = value.lower() in YES
        return Condition(column, low=yes, high=yes) if column == "fades" else Condition(column, words=("yes" if yes else "no",))  # fmt: skip
    if column in FEATURE_WORDS:
        known = {word.lower(): word for word in FEATURE_WORDS[column]}
        words = [each.strip().lower() for each in value.split(",")]
        if not all(word in known for word in words):
            raise InputError(f"{part!r}: {column} is one of {', '.join(FEATURE_WORDS[column])}")
        return Condition(column, words=tuple(known[word] for word in words))
    found = RANGE.fullmatch(value)
    assert found is not None
    if found["only"] is not None:
        number = _number(column, found["only"], part)
        return Condition(column, low=number, high=number)
    low, high = (_number(column, side, part) if side else None for side in (found["low"], found["high"]))
    if low is None and high is None:
        raise InputError(f"{part!r}: give a lowest value, a highest value or both, such as {column}:0.1..0.3")
    if low is not None and high is not None and low > high:
        raise InputError(f"{part!r}: the lowest value comes first; did you mean {column}:{value.partition('..')[2]}..{value.partition('..')[0]}?")  # fmt: skip
    return Condition(column, low=low, high=high)


def _number(column: str, text: str, part: str) -> float:
    assert column in NUMBERS
    clock = CLOCK.fullmatch(text)
    if column == "duration" and clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        wanted = "a length such as 5:00, or seconds" if column == "duration" else "a number"
        raise InputError(f"{part!r}: {text!r} should be {wanted}, or a range such as {column}:1..2")
    return number
