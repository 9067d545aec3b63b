"""What may play after the planned end, in the tail, and which tracks it could follow."""

from __future__ import annotations

import numpy as np

from playlistkit.objective.array_types import Ints, Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.problem.pool import Pool

__all__ = ["can_be_last", "gentle_and_close", "nearest"]

CONSIDERED = 300  # of what may play after the end, by its distance from the curve's last energy
ENOUGH_AFTER = 3  # tracks that can follow; the session itself may play one or two of them
ENOUGH_LAST = 40  # tracks that can be last; with few choices the session itself would be much worse


def gentle_and_close(pool: Pool, allowed: Mask) -> tuple[Mask, Mask]:
    """Which tracks lie at or below the curve's last energy, and which at most the wish above it [shape=(N,) each]."""
    last, energy = pool.arc.phases[-1], pool.heard[-1].energy
    level = last.energy[-1][1]
    gentle = pool.rules.allowed(without=("energy",))[-1] & (energy <= level + 1e-9)
    close = allowed[-1] & (energy <= level + last.energy_tolerance) & ~gentle
    return gentle, close


def nearest(pool: Pool, gentle: Mask, close: Mask) -> Ints:
    """The rows of both [shape=(k,)] that lie nearest to the curve's last energy, gentle ones first."""
    level = pool.arc.phases[-1].energy[-1][1]
    distance = np.abs(pool.heard[-1].energy - level) + 1.0 * close
    rows: Ints = np.flatnonzero(gentle | close)
    return rows[np.argsort(distance[rows], kind="stable")][:CONSIDERED]


def can_be_last(pool: Pool, allowed: Mask, rows: Ints) -> Mask:
    """Which rows some music of the tail can follow within the limits on joins [shape=(n,)].

    Otherwise a session might end with a track that fades out for half a minute: that costs nothing there, but nothing
    may follow it. All rows can be last if there is no tail, or if only few of them, or fewer than half, qualify: then
    the session matters more than its tail.
    """
    rules = pool.session.template.rules
    everyone = np.ones(len(rows), dtype=bool)
    if not rules.tail_minutes:
        return everyone
    after = nearest(pool, *gentle_and_close(pool, allowed))
    table = pool.heard[-1]
    ends, starts = ends_of(table.take(rows), "end"), ends_of(table.take(after), "start")
    follow = join_allowed(ends, starts, rules.join) & (rows[:, None] != after)
    found: Mask = follow.sum(axis=1) >= ENOUGH_AFTER
    return found if found.sum() >= max(ENOUGH_LAST, len(rows) / 2) else everyone
