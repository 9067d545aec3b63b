"""Which tracks, in which order: conditions on tags, features and marks, answered by the database.

Returns only ids, so that one page of a library of 20,000 tracks is quick: nothing is loaded about
tracks that aren't shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """Finds the tracks that meet conditions; recent answers are cached until the library changes.

    Parameters
    ----------
    database : Database
        Knows the function `folded`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state: tuple[int, int] | None = None
        self._kept: dict[tuple[object, ...], list[str]] = {}

    def __call__(self, conditions: Sequence[Condition], orders: Sequence[Order]) -> list[str]:
        """The ids of the tracks that meet all conditions, in order."""
        state, asked = self._database.state(), (*conditions, *orders)
        if state is None or state != self._state:
            self._kept.clear()
            self._state = state
        if asked not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[asked] = self._ids(conditions, orders)
        return self._kept[asked]

    def _ids(self, conditions: Sequence[Condition], orders: Sequence[Order]) -> list[str]:
        where, values = ["TRUE"], list[object]()
        for condition in conditions:
            clause, bound = _clause(condition)
            where.append(clause)
            values += bound
        order = [
            f"{_sortable(each.column)} {'DESC' if each.descending else 'ASC'} NULLS LAST" for each in orders
        ]
        joins = " ".join(
            f"LEFT JOIN feature AS {source}_layer "
            f"ON {source}_layer.track = t.id AND {source}_layer.source = '{source}'"
            for source in LAYERS
        )
        query = f"SELECT t.id FROM track AS t {joins} WHERE {' AND '.join(where)} ORDER BY {', '.join([*order, 't.id'])}"  # noqa: S608
        return [key for (key,) in self._database.rows(query, values)]


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
