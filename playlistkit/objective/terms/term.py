"""A term of the objective: a name, a weight, and the forms in which it counts.

A session of T seconds and P phases is expected to have N = T / 300 joins. A term equal to 1 throughout costs
its weight in points; so each form is an amount that equals 1 where the term does, and counts for a share of the
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

Amounts are never negative: the bound omits `repeat`, which is valid only for that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from playlistkit.model import Phase, Session
from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Floats, Floats32, Ints
from playlistkit.objective.ends import Ends
from playlistkit.objective.table import Table
from playlistkit.objective.weights import WEIGHTS

__all__ = ["Run", "Setting", "Term"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a term may know about the session, besides the tracks."""

    session: Session
    arc: Arc
    keeping: bool = False
    """Whether any track of the library is marked `keep`."""

    @property
    def second_share(self) -> float:
        """The share of a second: 1 / T."""
        return 1.0 / self.arc.end

    @property
    def join_share(self) -> float:
        """The share of a join: 1 / N."""
        return WEIGHTS.track_seconds / self.arc.end

    @property
    def phase_share(self) -> float:
        """The share of a phase: 1 / P."""
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
    """One term; forms it lacks are `None`."""

    name: str
    weight: float
    words: str
    """What the cost is for, as named in a slot's reason."""
    rate: Callable[[Setting, Phase, Table], Floats] | None = None
    """[shape=(n,)]"""
    run: Callable[[Setting, Table], Run] | None = None
    estimate: Callable[[Setting, Table, float, Floats], Floats] | None = None
    """`run` of each track from one start on, for so many seconds, by its means alone [shape=(n,)]: for the rate
    filter, which runs it on whole libraries. An error there may lose a good track, but never gives a false proof."""
    join: Callable[[Setting, Ends, Ends], Floats] | None = None
    """[shape=(n, m)]"""
    boundary: Callable[[Setting, Phase, ArrayLike], Floats] | None = None
    """From the phase's residual in seconds [any shape]."""
    repeat: Callable[[Setting, Phase, ArrayLike, ArrayLike], Floats] | None = None
    """From the seconds since the artist was last heard, and whether that was the track just before."""
    applies: Callable[[Setting], bool] = lambda _setting: True
    """Whether the term applies to the session."""
