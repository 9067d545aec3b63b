"""The past and the future of a stretch, from the slots of the plan that stay before and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from playlistkit.model import Slot
from playlistkit.objective import overlap_of, slots_heard
from playlistkit.objective.ends import ends_of
from playlistkit.objective.rules import seconds_of_share
from playlistkit.objective.terms import runs_of
from playlistkit.planner.problem.instance import Future, Past, Return
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import phases_of

__all__ = ["future_of", "past_of"]


def past_of(pool: Pool, played: Sequence[Slot], start: float, p: int, later: Sequence[Slot] = ()) -> Past:
    """What a stretch that begins at `start` in phase `p` must know of the slots before it.

    Parameters
    ----------
    later : sequence of Slot
        Those after it, which use up how often an artist may play, and works, as well.
    """
    counts: Counter[int] = Counter()
    ends: dict[int, float] = {}
    for slot in (*played, *later):
        counts.update(pool.table.who.of(slot.track))
    for slot in played:
        ends.update(dict.fromkeys(pool.table.who.of(slot.track), slot.end - slot.overlap))
    gone, to_come = ([_placed(pool, slot) for slot in slots] for slots in (played, later))
    next_work = to_come[0][0] if to_come else 0
    works = {work for work, _ in gone} | {work for work, _ in to_come if work != next_work}
    if not played:
        return Past(start, artist_counts=counts, works=frozenset(works))
    return Past(
        start=start,
        ends=ends_of(slots_heard(pool.session, played[-1:]), "end"),
        last_people=pool.table.who.of(played[-1].track),
        artist_counts=counts,
        artist_ends=ends,
        works=frozenset(works),
        work=gone[-1],
        place=_place(pool, played[-1], p),
        beyond=seconds_of_share(pool.arc.phases[p], played),
    )


def future_of(pool: Pool, slots: Sequence[Slot], end: int, p: int, slack: float) -> Future | None:
    """What a stretch of a plan must know of the slots after it; `None` if there are none.

    Parameters
    ----------
    slots : sequence of Slot
        The whole plan as it stands, without its tail.
    end : int
        Index of the stretch's last slot.
    p : int
        Index of that slot's phase.
    slack : float
        Seconds by which what follows may move.
    """
    later = slots[end + 1 :]
    if not later:
        return None
    setting, who = pool.setting, pool.table.who
    names = [phase.name for phase in pool.arc.phases]
    late = {each.name: each.residual for each in phases_of(pool.arc, slots)}
    table = replace(
        slots_heard(pool.session, later), duration=np.array([slot.duration for slot in later], dtype=float)
    )
    seconds = np.array([slot.duration - slot.overlap for slot in later])
    # as the judge counts the last slot, with or without a tail
    seconds[-1] = later[-1].duration - (later[-1].overlap or overlap_of(pool.session))
    return Future(
        setting=setting,
        start=later[0].start,
        slack=slack,
        phase=names.index(later[0].phase),
        ends=ends_of(slots_heard(pool.session, later[:1]), "start"),
        people=who.of(later[0].track),
        work=_placed(pool, later[0]),
        place=_place(pool, later[0], p),
        beyond=seconds_of_share(pool.arc.phases[p], later),
        returns=tuple(_returns(pool, later)),
        late=tuple((phase, late[phase.name]) for phase in pool.arc.phases[p:] if phase.name in late),
        runs=runs_of(setting, table),
        starts=np.array([slot.start for slot in later]),
        seconds=seconds,
    )


def _returns(pool: Pool, later: Sequence[Slot]) -> Iterator[Return]:
    """The slots after a stretch of whose people none is heard between it and them."""
    phase_of = {phase.name: phase for phase in pool.arc.phases}
    returned: set[int] = set()
    for k, slot in enumerate(later):
        people = pool.table.who.of(slot.track)
        if people and returned.isdisjoint(people):
            yield Return(slot.start, phase_of[slot.phase], people, k == 0)
        returned.update(people)


def _placed(pool: Pool, slot: Slot) -> tuple[int, int]:
    """The work and movement of a slot's track; 0 and 0 if it is no longer in the pool."""
    return pool.placed(pool.row_of.get(slot.track.id))


def _place(pool: Pool, slot: Slot, p: int) -> int:
    """The place of a slot's track in the client's last session, if the slot is of phase `p`; else -1."""
    if slot.phase != pool.arc.phases[p].name or slot.track.id not in pool.session.last_session:
        return -1
    return pool.session.last_session.index(slot.track.id)
