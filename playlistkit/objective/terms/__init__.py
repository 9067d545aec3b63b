"""The terms of the objective, one module each, and the functions that judge and planner use on all of them.

Both iterate over `TERMS`: the judge (`scoring`) sums each term over a playlist's slots, the planner over the arcs, joins
and boundaries of its problem, with the functions below. So a term means the same to both, and a new one is a module
here, its weight in `weights`, its line in `TERMS` and its row in docs/planning.md; CONTRIBUTING.md walks through it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from playlistkit.model import Phase
from playlistkit.objective.array_types import Floats
from playlistkit.objective.ends import Ends
from playlistkit.objective.table import Table
from playlistkit.objective.terms import (
    artist,
    boundary,
    energy,
    hold,
    join,
    keep,
    length,
    sound,
    tempo,
    voice,
)
from playlistkit.objective.terms.term import Run, Setting, Term

__all__ = [
    "TERMS",
    "Run",
    "Setting",
    "Term",
    "boundary_points",
    "estimated_rates",
    "in_cache",
    "join_points",
    "rate_points",
    "repeat_points",
    "runs_of",
    "terms_of",
]


TERMS: tuple[Term, ...] = (
    energy.TERM,
    tempo.TERM,
    join.TERM,
    boundary.TERM,
    artist.TERM,
    voice.TERM,
    keep.TERM,
    hold.TERM,
    sound.TERM,
    length.TERM,
)
"""Every term, in the order of score listings."""


CACHED_CELLS = 1 << 14


def terms_of(setting: Setting) -> tuple[Term, ...]:
    """The terms that apply to a session."""
    return tuple(term for term in TERMS if term.applies(setting))


def rate_points(setting: Setting, phase: Phase, table: Table) -> Floats:
    """Points for a whole session of each track in a phase, whenever it starts [shape=(n,)]."""
    points = np.zeros(len(table))
    for term in terms_of(setting):
        if term.rate is not None:
            points += term.weight * term.rate(setting, phase, table)
    return points


def runs_of(setting: Setting, table: Table) -> tuple[tuple[float, Run], ...]:
    """The weight and the `run` of each term that depends on when a track starts."""
    return tuple(
        (term.weight, term.run(setting, table)) for term in terms_of(setting) if term.run is not None
    )


def estimated_rates(setting: Setting, table: Table, start: float, seconds: Floats) -> Floats:
    """An estimate of `runs_of`, in points for a whole session of each track, from one start on [shape=(n,)]."""
    points = np.zeros(len(table))
    for term in terms_of(setting):
        if term.estimate is not None:
            points += term.weight * term.estimate(setting, table, start, seconds) / seconds
    return points


def join_points(setting: Setting, before: Ends, after: Ends) -> Floats:
    """Points of each join of n ends with m starts [shape=(n, m)]."""
    points = np.zeros((len(before), len(after)))
    joining = [
        (term.weight * setting.join_share, term.join) for term in terms_of(setting) if term.join is not None
    ]
    for some in in_cache(*points.shape):
        ends = before.take(some)
        for weight, cost in joining:
            points[some] += weight * cost(setting, ends, after)
    return points


def in_cache(n: int, m: int) -> Iterator[slice]:
    """The rows of an array [shape=(n, m)] in parts small enough to stay in the processor's cache."""
    rows = max(1, CACHED_CELLS // max(1, m))
    return (slice(low, low + rows) for low in range(0, n, rows))


def boundary_points(setting: Setting, phase: Phase, residual: ArrayLike) -> Floats:
    """Points for ending a phase so many seconds late [shape as residual]."""
    points = np.zeros(np.shape(residual))
    for term in terms_of(setting):
        if term.boundary is not None:
            points = points + term.weight * setting.phase_share * term.boundary(setting, phase, residual)
    return points


def repeat_points(setting: Setting, phase: Phase, gap: ArrayLike, running: ArrayLike) -> Floats:
    """Points for an artist's return after `gap` seconds [shape as gap]; `running`: right after a track of theirs."""
    points = np.zeros(np.shape(gap))
    for term in terms_of(setting):
        if term.repeat is not None:
            points = points + term.weight * setting.join_share * term.repeat(setting, phase, gap, running)
    return points
