"""The rate filter: choose which tracks of a large library to consider."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playlistkit.objective import WEIGHTS
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.terms import estimated_rates, join_points, rate_points
from playlistkit.planner.problem.pool import Pool

__all__ = ["rate_filter"]


SAMPLE_MINUTES = 4.0  # interval at which the filter ranks each phase's tracks
JOIN_SHARE = (
    0.12  # of a full join: what the filter charges a track for its joins, so that many short ones cost
)

PARTNERS = 400
"""Tracks of the sample that joins are tried with."""

BEST_JOINS = 3
"""How many of a track's best joins count: in a session each track needs two good neighbours."""


def rate_filter(
    pool: Pool,
    allowed: Mask,
    surcharge: Floats,
    count: int,
    keep: Sequence[int] = (),
    wide: int = 1,
    *,
    since: float,
) -> Ints:
    """The `count` rows [shape=(count,)] that do best at some time of the session, in points per second.

    For each phase, every few minutes, all its tracks are ranked by (what it would cost there + a share of a
    join) / its seconds; a track's best rank decides. This is a heuristic: nothing is proved about the rows left out,
    so a certificate names the candidates it covers.

    Parameters
    ----------
    wide : int
        This many times `count` are chosen first, then ranked again by how well they join a sample of each other: in a
        large library thousands follow the curve, and joins tell which of them make a good session.
    since : float
        Second at which what is planned begins.
    """
    join = np.full(len(pool.table), JOIN_SHARE * WEIGHTS.join * WEIGHTS.track_seconds)
    if wide > 1 and int(allowed.any(axis=0).sum()) > count:
        some = _best(pool, allowed, surcharge, wide * count, keep, join, since)
        among = np.zeros(len(join), dtype=bool)
        among[some] = True
        join[some] = _best_joins(pool, some)
        allowed = allowed & among
    return _best(pool, allowed, surcharge, count, keep, join, since)


def _best_joins(pool: Pool, rows: Ints) -> Floats:
    """Points, times the session's seconds, of each row's best joins with a sample of the others [shape=(n,)]."""
    ours = pool.heard[-1].take(rows)
    partners = ours.take(np.linspace(0, len(rows) - 1, min(PARTNERS, len(rows))).astype(np.intp))
    into = join_points(pool.setting, ends_of(partners, "end"), ends_of(ours, "start")).T
    out = join_points(pool.setting, ends_of(ours, "end"), ends_of(partners, "start"))
    least = min(BEST_JOINS, len(partners))
    both = [np.partition(each, least - 1, axis=1)[:, :least].mean(axis=1) for each in (into, out)]
    means: Floats = (both[0] + both[1]) / 2 * pool.arc.end
    return means


def _best(
    pool: Pool,
    allowed: Mask,
    surcharge: Floats,
    count: int,
    keep: Sequence[int],
    join: Floats,
    since: float,
) -> Ints:
    """The `count` rows of best rank, if each also costs `join`, in points times seconds."""
    arc, table = pool.arc, pool.table
    best = np.full(len(table), len(table), dtype=np.int64)
    steps = pool.steps()
    for p, phase in enumerate(arc.phases):
        rows = np.flatnonzero(allowed[p])
        if not len(rows):
            continue
        own, seconds = pool.heard[p].take(rows), steps[rows]
        fixed = rate_points(pool.setting, phase, own) + surcharge[p, rows] + join[rows] / seconds
        begin, end = max(arc.bounds[p], since), arc.bounds[p + 1]
        samples = max(4, int((end - begin) / (SAMPLE_MINUTES * 60)))
        for start in begin + (np.arange(samples) + 0.25) * (end - begin) / samples:
            stop = start + seconds
            rate = estimated_rates(pool.setting, own, start, seconds) + fixed
            rate[stop > end + 300.0] = np.inf  # too long to begin here
            nearest = np.argpartition(rate, min(count, len(rate) - 1))[: count + 1]
            order = nearest[np.argsort(rate[nearest], kind="stable")]
            order = order[np.isfinite(rate[order])]
            best[rows[order]] = np.minimum(best[rows[order]], np.arange(len(order)))
    best[list(keep)] = -1
    wanted = np.flatnonzero(best < len(table))
    chosen = wanted[np.lexsort((wanted, best[wanted]))[:count]]
    return np.sort(chosen)
