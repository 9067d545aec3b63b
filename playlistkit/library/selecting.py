"""Which tracks, in which order: conditions on tags, features and marks, answered by the database.

Returns only ids, so that one page of a library of 20,000 tracks is quick: nothing is loaded about
tracks that aren't shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from playlistkit.errors import InputError
from playlistkit.library.database import Database
from playlistkit.library.layers import LAYERS
from playlistkit.library.names import folded
from playlistkit.model import FEATURE_WORDS, FEATURES

__all__ = ["COLUMNS", "NUMBERS", "TAGS", "Condition", "Order", "Selection"]

TAGS = ("title", "artist", "album", "genre", "note")
"""Columns of text, compared without case and accents."""

MARKS = ("keep", "avoid")
NUMBERS = ("duration", *(name for name, kind in FEATURES.items() if kind.shape == "number"))
"""Columns of numbers."""

FLAGS = tuple(name for name, kind in FEATURES.items() if kind.shape == "flag")
COLUMNS = (*TAGS, *MARKS, *NUMBERS, *FEATURE_WORDS, *FLAGS)
"""Everything that tracks can be narrowed and sorted by."""

MOST_KEPT = 8  # answers


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one column; several must all hold."""

    column: str
    """One of `COLUMNS`."""
    low: float | None = None
    """Lowest value of a number."""
    high: float | None = None
    """Highest value of a number."""
    words: tuple[str, ...] = ()
    """Of a word: any of these. Of a text: it holds any of these. Of a mark: "yes" or "no"."""
    unknown: bool = False
    """Whether to find only tracks where this is unknown."""
    either: Condition | None = None
    """An alternative condition."""


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by. Unknown values come last in either direction."""

    column: str
    descending: bool = False


class Selection:
    """Finds the tracks that meet conditions, in order.

    The order of all tracks and the answer to each condition are cached separately until the library changes: people
    who narrow a table change one condition at a time, and seldom the order.

    Parameters
    ----------
    database : Database
        Knows the function `folded`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state: tuple[int, int] | None = None
        self._ordered: dict[tuple[Order, ...], list[str]] = {}
        self._met: dict[Condition, set[str]] = {}
        self._known: dict[str, dict[str, object]] = {}

    def __call__(self, conditions: Sequence[Condition], orders: Sequence[Order]) -> list[str]:
        """The ids of the tracks that meet all conditions, in order."""
        state = self._database.state()
        if state is None or state != self._state:
            self._ordered.clear()
            self._met.clear()
            self._known.clear()
            self._state = state
        met = [_kept(self._met, each, self._meeting) for each in conditions]
        ordered = _kept(self._ordered, tuple(orders), self._in_order)
        if not met:
            return ordered
        every = set.intersection(*met)
        return [key for key in ordered if key in every]

    def _in_order(self, orders: tuple[Order, ...]) -> list[str]:
        order = [
            f"{_sortable(each.column)} {'DESC' if each.descending else 'ASC'} NULLS LAST" for each in orders
        ]
        joins = _joins(each.column for each in orders)
        query = f"SELECT t.id FROM track AS t {joins} ORDER BY {', '.join([*order, 't.id'])}"  # noqa: S608
        return [key for (key,) in self._database.rows(query)]

    def _meeting(self, condition: Condition) -> set[str]:
        if condition.either is None and condition.column in FEATURES:
            known = _kept(self._known, condition.column, self._values)
            return {key for key, value in known.items() if _meets(condition, value)}
        clause, values = _clause(condition)
        query = f"SELECT t.id FROM track AS t {_joins(_columns(condition))} WHERE {clause}"  # noqa: S608
        return {key for (key,) in self._database.rows(query, values)}

    def _values(self, column: str) -> dict[str, object]:
        """A feature of every track, cached: typing a bound asks for the same one at every key."""
        query = f"SELECT t.id, {_value(column)} FROM track AS t {_joins([column])}"  # noqa: S608
        return dict(self._database.rows(query))


Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def _kept(kept: dict[Asked, Answer], asked: Asked, find: Callable[[Asked], Answer]) -> Answer:
    """The cached answer, or the one found now; the oldest is dropped."""
    if asked not in kept:
        found = find(asked)
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[asked] = found
    return kept[asked]


def _columns(condition: Condition) -> Iterator[str]:
    yield condition.column
    if condition.either is not None:
        yield from _columns(condition.either)


def _joins(columns: Iterable[str]) -> str:
    """The layers of features, where one of the columns is a feature."""
    if not {*columns} & FEATURES.keys():
        return ""
    return " ".join(
        f"LEFT JOIN feature AS {source}_layer ON {source}_layer.track = t.id AND {source}_layer.source = '{source}'"
        for source in LAYERS
    )


def _meets(condition: Condition, value: object) -> bool:
    """Whether a feature's value meets a condition; as `_own_clause` says it in SQL."""
    if condition.unknown:
        return value in (None, "unknown")
    if value is None:
        return False
    if condition.words:
        return value in condition.words
    low, high = condition.low, condition.high
    return (low is None or value >= low) and (high is None or value <= high)  # type: ignore[operator]


def _clause(condition: Condition) -> tuple[str, list[object]]:
    clause, values = _own_clause(condition)
    if condition.either is None:
        return clause, values
    other, more = _clause(condition.either)
    return f"({clause} OR {other})", [*values, *more]


def _own_clause(condition: Condition) -> tuple[str, list[object]]:
    column = _value(condition.column)
    if condition.unknown:
        return f"ifnull({column}, 'unknown') = 'unknown'", []
    if condition.column in MARKS:
        return f"{column} = ?", [condition.words == ("yes",)]
    if condition.column in TAGS:
        each = " OR ".join(f"instr(folded({column}), ?) > 0" for _ in condition.words)
        return f"({each})", [folded(word) for word in condition.words]
    if condition.words:
        return f"{column} IN ({', '.join('?' for _ in condition.words)})", list(condition.words)
    # mention each column once: every mention parses its JSON again
    if condition.low is not None and condition.high is not None:
        return f"{column} BETWEEN ? AND ?", [condition.low, condition.high]
    if condition.low is not None:
        return f"{column} >= ?", [condition.low]
    if condition.high is not None:
        return f"{column} <= ?", [condition.high]
    return f"{column} IS NOT NULL", []


def _value(column: str) -> str:
    """The column's value in SQL; for a feature, that of the highest layer with a value."""
    if column not in COLUMNS:
        raise InputError(f"tracks have no {column!r}; there are {', '.join(COLUMNS)}")
    if column in (*TAGS, *MARKS):
        return f"t.{column}"
    if column == "duration":
        return "nullif(t.duration, 0)"
    each = ", ".join(f"json_extract({source}_layer.known, '$.{column}')" for source in reversed(LAYERS))
    return f"coalesce({each})"


def _sortable(column: str) -> str:
    value = _value(column)
    return f"nullif(folded({value}), '')" if column in TAGS else value
