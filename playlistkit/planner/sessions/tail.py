"""The tail: music that goes on after a session's planned end, so that nobody sits in silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from playlistkit.facts.reasons import AfterTheEnd
from playlistkit.model import Slot
from playlistkit.objective import TAIL, overlap_of, slots_heard
from playlistkit.objective.array_types import Ints, Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.terms.join import join_allowed, join_parts, roughness
from playlistkit.planner.problem.after_end import gentle_and_close, nearest
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import slot_of

__all__ = ["ORDERS", "tail"]

ORDERS = 200
"""Most orders of the tail that are tried."""


def tail(pool: Pool, allowed: Mask, slots: Sequence[Slot], taken: Collection[int]) -> tuple[Slot, ...]:
    """Music after the end: at or below the curve's final energy, joined smoothly, one by one.

    Where nothing may follow before the tail is long enough, other orders are tried; of those too short the longest stays.
    """
    seconds = pool.session.template.rules.tail_minutes * 60.0
    if seconds <= 0 or not slots:
        return ()
    last, free = pool.arc.phases[-1], pool.unused(taken)
    gentle, close = (free & each for each in gentle_and_close(pool, allowed))
    rows = nearest(pool, gentle, close)
    music = _Music(pool, rows, slots, taken)
    end = slots[-1].end + seconds
    followers = _Followers(pool, rows, gentle[rows], last.loudness)
    longest: list[Slot] = []
    # each entry: what has been chosen, what has played by then, and the place of the next among the rows
    waiting: list[tuple[list[Slot], _Played, int | None]] = [([], music.before, None)]
    for _ in range(ORDERS):
        if not waiting:
            break
        chosen, played, k = waiting.pop()
        before = chosen[-1] if chosen else slots[-1]
        time = before.end - before.overlap
        if k is not None:
            before = followers.slot(k, time)
            chosen, played = [*chosen, before], music.after(played, k)
            time = before.end - before.overlap
            if not longest or before.end > longest[-1].end:
                longest = chosen
        if time >= end:
            break
        waiting += [
            (chosen, played, after) for after in reversed(followers.of(k, before, music.left(played)))
        ]
    if longest:
        longest[-1] = replace(longest[-1], overlap=0.0)
    return tuple(replace(slot, reason=str(AfterTheEnd())) for slot in longest)


@dataclass(frozen=True, slots=True)
class _Played:
    """What has played before a place in the tail."""

    recordings: frozenset[int]
    """Their numbers, equal for versions of one."""
    works: frozenset[int]
    last: tuple[int, int]
    """Work and movement of what plays just before."""


class _Music:
    """Of which recordings and works the tail's tracks are."""

    def __init__(self, pool: Pool, rows: Ints, slots: Sequence[Slot], taken: Collection[int]) -> None:
        groups = pool.groups(np.array([*rows, *taken], dtype=np.intp))
        self._recordings = groups[: len(rows)]
        self._together = pool.session.template.rules.works == "together"
        own, before = (pool.table.take(np.array(each, dtype=np.intp)) for each in (rows, list(taken)))
        self._work, self._movement = own.work, own.movement
        last = pool.row_of.get(slots[-1].track.id)
        self.before = _Played(
            frozenset(groups[len(rows) :].tolist()),
            frozenset(before.work.tolist()),
            pool.placed(last),
        )

    def after(self, played: _Played, k: int) -> _Played:
        """What has played once the k-th track has."""
        work = int(self._work[k])
        return _Played(
            played.recordings | {int(self._recordings[k])},
            played.works | {work},
            (work, int(self._movement[k])),
        )

    def left(self, played: _Played) -> Mask:
        """Which tracks may still play: no version of what has, no movement of a work that was left [shape=(n,)]."""
        left: Mask = ~np.isin(self._recordings, list(played.recordings))
        if self._together:
            work, movement = played.last
            goes_on = (self._work == work) & (self._movement == movement + 1)
            left &= goes_on | (self._work == 0) | ~np.isin(self._work, list(played.works))
        return left


class _Followers:
    """What may follow a slot in the tail, best first; each track is looked at once, in however many orders it stands."""

    def __init__(self, pool: Pool, rows: Ints, gentle: Mask, loudness: float | None) -> None:
        self._session, self._gentle, self._loudness = pool.session, gentle, loudness
        self._candidates = [pool.candidates[row] for row in rows]
        self._table = pool.heard[-1].take(rows)
        self._first = ends_of(self._table, "start")
        level = pool.arc.phases[-1].energy[-1][1]
        self._off = np.abs(self._table.energy - level)
        self._outlasts = self._table.duration > 2 * overlap_of(pool.session)
        self._slots: dict[int, Slot] = {}
        self._orders: dict[int | None, Ints] = {}

    def slot(self, k: int, start: float) -> Slot:
        """The k-th track as it plays in the tail from `start` on."""
        if k not in self._slots:
            self._slots[k] = slot_of(self._session, TAIL, self._loudness, self._candidates[k], start)
        return replace(self._slots[k], start=start)

    def of(self, k: int | None, before: Slot, left: Mask) -> list[int]:
        """Those left that may follow the k-th track, which plays as `before`; `None` is the session's last one."""
        if k not in self._orders:
            self._orders[k] = self._order(before)
        order = self._orders[k]
        found: list[int] = order[left[order]].tolist()
        return found

    def _order(self, before: Slot) -> Ints:
        """All that may follow within the limits on joins: what is gentle, then the rest, the smoothest first."""
        last = ends_of(slots_heard(self._session, [before]), "end")
        joins = self._session.template.rules.join
        rough = roughness(join_parts(last, self._first, joins)).ravel() + self._off
        may = join_allowed(last, self._first, joins).ravel() & self._outlasts & ~np.isnan(rough)
        order = np.lexsort((rough, ~self._gentle))
        return np.asarray(order[may[order]])
