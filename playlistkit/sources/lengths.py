"""How long the tracks of a table are: in which of its columns, and in which unit.

A column's median tells its unit: nobody's tracks last ten seconds or less, or three hours and more. If several
columns may mean the length, each row takes the first that can be read in it; columns that can be read in more rows come
first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from playlistkit.sources.numbers import NOTHING, number, plain_digits

__all__ = ["Lengths", "clock_seconds", "lengths_of"]

CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{2})(?:[.,]\d{1,9})?")
LONGEST = 12 * 3600.0  # seconds; a longer "track" is a length in the wrong unit
MILLISECONDS_FROM = 10_000.0  # as a column's median: nobody's tracks last 2.8 h each, or 10 s
MINUTES_TO = 25.0  # as a column's median: nobody's tracks last 25 s each
UNITS = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0}


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    seconds_a_unit: float
    shifted: bool
    """Whether a spreadsheet turned 21:22 into 21:22:00."""

    def seconds(self, text: str) -> float | None:
        match = CLOCK.fullmatch(plain_digits(text))
        if match:
            return clock_seconds(match, shifted=self.shifted)
        value = number(text)
        return None if value is None else value * self.seconds_a_unit


@dataclass(frozen=True, slots=True)
class Lengths:
    """The columns that give lengths, the best first."""

    columns: tuple[_Column, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, cells: Sequence[str]) -> tuple[float | None, str]:
        """Seconds, and what stood there if it can't be read."""
        unreadable = ""
        for column in self.columns:
            text = cells[column.place].strip() if column.place < len(cells) else ""
            if not text or text.lower() in NOTHING:
                continue
            seconds = column.seconds(text)
            if seconds is not None and 0 < seconds <= LONGEST:
                return seconds, ""
            unreadable = unreadable or text
        return None, unreadable


def lengths_of(milliseconds: Sequence[int], others: Sequence[int], rows: Sequence[Sequence[str]]) -> Lengths:
    """Decide how to read the lengths of a table.

    Parameters
    ----------
    milliseconds : sequence of int
        Columns whose headers say so.
    others : sequence of int
        Columns whose headers say "time", "duration" or the like.
    rows : sequence of cells
    """
    columns: list[tuple[int, _Column]] = []
    notes: list[str] = []
    for place in (*milliseconds, *others):
        texts = [row[place].strip() for row in rows if place < len(row)]
        texts = [each for each in texts if each and each.lower() not in NOTHING]
        column, note = _read(place, texts, named=place in milliseconds)
        readable = sum(
            (seconds := column.seconds(each)) is not None and 0 < seconds <= LONGEST for each in texts
        )
        if readable:
            columns.append((readable, column))
            notes += note
    columns.sort(key=lambda each: -each[0])  # stable: of equals the one that names its unit
    return Lengths(tuple(column for _, column in columns), tuple(dict.fromkeys(notes)))


def _read(place: int, texts: Sequence[str], *, named: bool) -> tuple[_Column, list[str]]:
    clocks = [match for each in texts if (match := CLOCK.fullmatch(plain_digits(each)))]
    # three or more tracks of whole hours and minutes are nobody's
    shifted = len(clocks) > 2 and all(match[1] is not None and match[3] == "00" for match in clocks)
    if shifted:
        return _Column(place, 60.0, shifted=True), [
            "lengths such as 21:22:00 were read as minutes and seconds, which a spreadsheet had shifted"
        ]
    bare = [value for each in texts if (value := number(each)) is not None and value > 0]
    unit = "seconds"
    if named:
        unit = "milliseconds"
    elif 2 * len(clocks) > len(texts):
        unit = "minutes"  # among 8:24 and 3:50, a bare 8.4 is no 8.4 s
    elif bare and median(bare) >= MILLISECONDS_FROM:
        unit = "milliseconds"
    elif bare and median(bare) <= MINUTES_TO:
        unit = "minutes"
    told = bare and not named and unit != "seconds"
    return _Column(place, UNITS[unit], shifted=False), [f"bare lengths were read as {unit}"] if told else []


def clock_seconds(match: re.Match[str], *, shifted: bool = False) -> float:
    """Seconds in a clock such as 8:24 or 1:02:03."""
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
    # 29:53:00 among 8:24 and 3:50 is a spreadsheet's 29:53
    if shifted or (hours * 3600 > LONGEST and seconds == 0):
        hours, minutes, seconds = 0, hours, minutes
    return hours * 3600.0 + minutes * 60 + seconds
