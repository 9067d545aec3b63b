"""What a term of the objective is: a name, a weight, and the forms in which it counts.

A session of T seconds and P phases is expected to have N = T / 300 joins. A term that stands at 1 throughout costs
its weight in points; so each form is an amount that is 1 where the term stands at 1, and counts for a share of the
session:

=========  ======================================  ===========  =================================================
form       amount                                  share        what the search makes of it
=========  ======================================  ===========  =================================================
rate       of a second of a track in a phase       1 / T        part of an arc's cost, the same at every start
run        of a track from its start on            1 / T        part of an arc's cost, by start
join       of the end of one track, the start of   1 / N        cost from the last track to the next
           the next
boundary   of a phase that ends at some time       1 / P        cost of closing a phase
repeat     of an artist's return                   1 / N        exact in the labels; 0 in the relaxed bound
=========  ======================================  ===========  =================================================

Amounts are never negative: the bound leaves out `repeat`, which is right only because of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playlistkit.model import Phase, Session
from playlistkit.objective.arc import Arc
from playlistkit.objective.ends import Ends
from playlistkit.objective.table import Table
from playlistkit.objective.weights import WEIGHTS

__all__ = ["Run", "Setting", "Term"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a term may know of the session, besides the tracks."""

    session: Session
    arc: Arc
    keeping: bool = False
    """Whether any track of the library is marked `keep`."""

    @property
    def second_share(self) -> float:
        """What a second counts: 1 / T."""
        return 1.0 / self.arc.end

    @property
    def join_share(self) -> float:
        """What a join counts: 1 / N."""
        return WEIGHTS.track_seconds / self.arc.end

    @property
    def phase_share(self) -> float:
        """What a phase counts: 1 / P."""
        return 1.0 / len(self.arc.phases)


class Run:
    """The form of a term that depends on when a track starts; made for the tracks of one table."""

    def each(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats:
        """The amount, in seconds, of tracks that start and play for so many seconds [shape=(n,), all]."""
        raise NotImplementedError

    def grid(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats | Floats32:
        """The same for each of n tracks at each of s evenly spaced starts [shape=(s, n)].

        The search asks this of a million arcs; a term with a quicker way overrides it.
        """
        s, n = len(starts), len(rows)
        flat = self.each(np.tile(rows, s), np.repeat(starts, n), np.tile(seconds, s))
        return flat.reshape(s, n)


@dataclass(frozen=True, slots=True)
class Term:
    """One term; a form that it does not have is `None`."""

    name: str
    weight: float
    words: str
    """What a track pays for, in the reason of its slot."""
    rate: Callable[[Setting, Phase, Table], Floats] | None = None
    """[shape=(n,)]"""
    run: Callable[[Setting, Table], Run] | None = None
    estimate: Callable[[Setting, Table, float, Floats], Floats] | None = None
    """`run` of each track from one start on, for so many seconds, by its means alone [shape=(n,)]: for the rate
    filter, which asks it of whole libraries. What is left out there may cost a good track, never a false proof."""
    join: Callable[[Setting, Ends, Ends], Floats] | None = None
    """[shape=(n, m)]"""
    boundary: Callable[[Setting, Phase, ArrayLike], Floats] | None = None
    """Of the phase's residual in seconds [any shape]."""
    repeat: Callable[[Setting, Phase, ArrayLike, ArrayLike], Floats] | None = None
    """Of the seconds since the track's artist was last heard, and whether that was the track just before."""
    applies: Callable[[Setting], bool] = lambda _setting: True
    """Whether the session has anything for it to judge."""
