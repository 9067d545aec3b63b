"""The rate filter: choose which tracks of a large library to consider."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective import WEIGHTS
from playlistkit.objective.terms import estimated_rates, rate_points
from playlistkit.planner.problem.pool import Pool

__all__ = ["rate_filter"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

SAMPLE_MINUTES = 4.0  # interval at which the filter ranks each phase's tracks
JOIN_SHARE = (
    0.12  # of a full join: what the filter charges a track for its joins, so that many short ones cost
)


def rate_filter(pool: Pool, allowed: Mask, surcharge: Floats, count: int, keep: Sequence[int] = ()) -> Ints:
    """The `count` rows that do best at some time of the session, in points per second.

    For each phase, every few minutes, all its tracks are ranked by (what it would cost there + a share of a
    join) / its seconds; a track's best rank decides. This is a heuristic: nothing is proved about the rows left out,
    so a certificate names the candidates it covers.
    """
    arc, table = pool.arc, pool.table
    best = np.full(len(table), len(table), dtype=np.int64)
    steps = pool.steps()
    join = JOIN_SHARE * WEIGHTS.join * WEIGHTS.track_seconds
    for p, phase in enumerate(arc.phases):
        rows = np.flatnonzero(allowed[p])
        if not len(rows):
            continue
        own, seconds = pool.heard[p].take(rows), steps[rows]
        fixed = rate_points(pool.setting, phase, own) + surcharge[p, rows] + join / seconds
        begin, end = arc.bounds[p], arc.bounds[p + 1]
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
