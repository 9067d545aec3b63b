"""What is known of tracks but needed only of those that are looked at closely: who plays, works, keys, timbre, curves.

Of 100,000 tracks a plan compares the joins of some thousands and chooses among some hundreds. So each of these columns is
made for a track when it is first asked for, and then kept for every table that is taken from the same tracks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Features, Track
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.people import People
from playlistkit.recordings import movement_of, works

__all__ = ["Details", "fifths", "minor", "people", "placed", "timbre_end", "timbre_start"]

FIFTHS = {
    name: (i * 7) % 12
    for i, name in enumerate(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])
}

Make = Callable[["Details", Ints], NDArray[Any]]
"""Makes the values of a column for some rows."""


class Details:
    """Columns of n tracks, each made row by row as it is asked for.

    Parameters
    ----------
    tracks : sequence of Track
    features : sequence of Features
        Of the same tracks.
    """

    def __init__(self, tracks: Sequence[Track], features: Sequence[Features]) -> None:
        self.tracks, self.features = tracks, features
        self.who = People(tracks)
        """The people behind the numbers of `people`."""
        self._columns: dict[Make, tuple[Mask, NDArray[Any]]] = {}

    def of(self, make: Make, rows: Ints) -> NDArray[Any]:
        """The rows of the column that `make` makes [shape=(len(rows), ...)].

        Rows made later may be wider; those made before are then filled up with -1.
        """
        made, values = self._columns.get(make, (None, None))
        missing = rows if made is None else rows[~made[rows]]
        if made is None or values is None or len(missing):
            new = make(self, missing)
            if made is None or values is None:
                made = np.zeros(len(self.tracks), dtype=bool)
                values = np.empty((len(self.tracks), *new.shape[1:]), dtype=new.dtype)
            if new.ndim > 1 and new.shape[1] != values.shape[1]:
                width = max(new.shape[1], values.shape[1])
                # a pair of its own, as another thread may be filling the one before
                made, new, values = made.copy(), _as_wide(new, width), _as_wide(values, width)
            values[missing] = new
            made[missing] = True
            self._columns[make] = made, values
        return values[rows]

    @cached_property
    def works(self) -> Ints:
        """Number of each track's work, and its movement [shape=(n, 2)]; see `recordings.works`."""
        return np.array(works(self.tracks), dtype=np.intp).reshape(-1, 2)

    @cached_property
    def width(self) -> int:
        """The most common length of timbre vectors; others can't be compared and count as unknown."""
        widths = Counter(len(each.timbre) for each in self.features if each.timbre is not None)
        return max(widths, key=lambda width: (widths[width], width), default=0)


def _as_wide(values: NDArray[Any], width: int) -> NDArray[Any]:
    return np.pad(values, ((0, 0), (0, width - values.shape[1])), constant_values=-1)


def people(details: Details, rows: Ints) -> Ints:
    """Numbers of each track's people [shape=(n, k)], padded with `NO_ONE`."""
    return details.who.rows([details.tracks[row] for row in rows.tolist()])


def placed(details: Details, rows: Ints) -> Ints:
    """Number of each track's work, and of its movement [shape=(n, 2)]; 0 and 0 if it isn't a movement of one."""
    if not any(movement_of(details.tracks[row]) for row in rows.tolist()):
        return np.zeros((len(rows), 2), dtype=np.intp)
    return details.works[rows]  # which are movements of one work shows among all tracks


def fifths(details: Details, rows: Ints) -> Floats:
    """Place of each key's relative major on the circle of fifths [shape=(n,)]."""
    some = (details.features[row] for row in rows.tolist())
    return np.fromiter((_fifths(each.key, each.mode) for each in some), np.float64, len(rows))


def minor(details: Details, rows: Ints) -> Mask:
    """Which keys are minor [shape=(n,)]."""
    return np.fromiter((details.features[row].mode == "minor" for row in rows.tolist()), bool, len(rows))


def timbre_start(details: Details, rows: Ints) -> Floats:
    """Timbre of each track's first 30 s [shape=(n, d)]."""
    return _timbre(details, rows, "timbre_start")


def timbre_end(details: Details, rows: Ints) -> Floats:
    """Timbre of each track's last 30 s [shape=(n, d)]."""
    return _timbre(details, rows, "timbre_end")


def _timbre(details: Details, rows: Ints, name: str) -> Floats:
    width, own = details.width, attrgetter(name, "timbre")
    blank = (np.nan,) * width
    pairs = (own(details.features[row]) for row in rows.tolist())
    vectors = (here or whole for here, whole in pairs)
    known = (vector if vector is not None and len(vector) == width else blank for vector in vectors)
    values = np.fromiter(chain.from_iterable(known), np.float64, len(rows) * width).reshape(len(rows), width)
    return values / max(float(np.sqrt(width)), 1.0)


@lru_cache
def _fifths(key: str | None, mode: str | None) -> float:
    """Place of the relative major on the circle of fifths: A minor equals C major."""
    place = FIFTHS.get(key or "")
    if place is None:
        return np.nan
    return float((place - 3) % 12 if mode == "minor" else place)
