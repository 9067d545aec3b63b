"""The people of tracks as numbers, to find who returns and at which joins somebody plays twice running."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from playlistkit.credits import Credits
from playlistkit.model import Track
from playlistkit.objective.array_types import Ints

__all__ = ["NO_ONE", "People", "shared", "sharing"]


NO_ONE = -1
"""Fills the row of a track with fewer people than others."""


class People:
    """Numbers for the people of tracks, given as they are asked for.

    Parameters
    ----------
    tracks : sequence of Track
        Those that show which joint credits are one name.
    """

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._credits = Credits(tracks)
        self._numbers: dict[str, int] = {}
        self._unused = count()

    def rows(self, tracks: Sequence[Track]) -> Ints:
        """The people of each track [shape=(n, k)], `NO_ONE` where there are fewer than k."""
        credited = self._credits.people_of_each(tracks)
        distinct = list(dict.fromkeys(credited))
        numbers = [self._numbered(people) for people in distinct]
        widest = max(map(len, numbers), default=0)
        table = np.array([(*each, *[NO_ONE] * (widest - len(each))) for each in numbers], dtype=np.intp)
        place = {people: k for k, people in enumerate(distinct)}
        return table.reshape(len(numbers), widest)[[place[people] for people in credited]]

    def of(self, track: Track) -> tuple[int, ...]:
        """The numbers of a track's people."""
        return self._numbered(self._credits.people(track))

    def _numbered(self, people: Iterable[str]) -> tuple[int, ...]:
        return tuple(
            self._numbers[name]
            if name in self._numbers
            else self._numbers.setdefault(name, next(self._unused))  # threads may ask at once
            for name in sorted(people)
        )


def shared(one: Ints, two: Ints) -> NDArray[np.bool_]:
    """Whether each track of one table shares a person with each of another [shape=(n, m)].

    Parameters
    ----------
    one, two : np.ndarray [shape=(n, k)] and [shape=(m, l)]
        Rows of `People.rows`.
    """
    both = np.intersect1d(one, two)
    both = both[both != NO_ONE]
    if not len(both):
        return np.zeros((len(one), len(two)), dtype=bool)
    there, here = (_incidence(each, both) for each in (one, two))
    together: NDArray[np.bool_] = there @ here.T > 0
    return together


def sharing(people: Ints) -> tuple[Ints, Ints]:
    """All pairs of rows of one table that share a person, each in both orders, and each row with itself.

    A pair occurs as often as it shares people.

    Parameters
    ----------
    people : np.ndarray [shape=(n, k)]
        `People.rows`.
    """
    row, place = np.nonzero(people != NO_ONE)
    person = people[row, place]
    row, person = row[np.argsort(person, kind="stable")], np.sort(person)
    first, last = (np.searchsorted(person, person, side) for side in ("left", "right"))
    times = last - first
    one = np.repeat(row, times)
    within = np.arange(len(one)) - np.repeat(np.cumsum(times) - times, times)
    return one, row[np.repeat(first, times) + within]


def _incidence(people: Ints, numbers: Ints) -> NDArray[np.float32]:
    """1 where a track (row) has a person (column) [shape=(n, len(numbers))]."""
    at = np.minimum(np.searchsorted(numbers, people), len(numbers) - 1)
    row, place = np.nonzero(numbers[at] == people)
    incidence = np.zeros((len(people), len(numbers)), dtype=np.float32)
    incidence[row, at[row, place]] = 1.0
    return incidence
