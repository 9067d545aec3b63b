"""Grounding now: quiet music at once, from any state of any plan, whatever the library holds.

It needs no search. The plan's fallback set begins; what is left of the session is put together after it from calm
tracks, each the smoothest after the one before. If there is too little music, the session ends earlier and says
so. If all of it has been played, the calmest track plays again: silence is worse than anything that this plan could hold. Once the room is quiet, `replan` plans what follows properly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from playlistkit.errors import InputError
from playlistkit.facts.reasons import CalmAndSmooth, CalmestKnown, FromTheSet
from playlistkit.given import candidates_given
from playlistkit.model import Candidate, Phase, Plan, Session, Slot
from playlistkit.objective import Arc, energies_heard, overlap_of, slots_heard
from playlistkit.objective.array_types import Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.hearing import energies_of
from playlistkit.objective.people import NO_ONE
from playlistkit.objective.terms.join import join_allowed, join_parts, roughness
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out, slot_of
from playlistkit.planner.sessions.changes import LEAST_SECONDS
from playlistkit.planner.sessions.reserves import GROUNDING_NOW, calm

__all__ = ["anything", "ended", "fallback", "gathered", "grounded", "put_together"]


NEAR = 150
"""Most calm tracks of the library to consider besides the plan's own, so that a large library delays nothing."""


def gathered(plan: Plan, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The tracks that may follow: the plan's own, and calm ones of the library.

    A candidate with a wrong value is skipped: that must not cause silence.
    """
    last = Arc(plan.session.template).phases[-1]
    own = [Candidate(each.track, each.features) for ready in plan.reserves.values() for each in ready]
    own += [Candidate(each.track, each.features) for each in (*plan.tail, *plan.slots)]
    level = last.energy[-1][1]
    library = [each for each in candidates if _is_measured(each)]
    energies = energies_of(plan.session.player, [each.features for each in library], last.loudness)
    within = np.flatnonzero(energies <= level + last.energy_tolerance)
    near = within[np.argsort(np.abs(energies[within] - level), kind="stable")[:NEAR]]
    known = {}
    for k in near:
        try:
            (each,) = candidates_given([library[k]])
        except InputError:
            continue
        known[each.track.id] = each
    for each in own:
        known.setdefault(each.track.id, each)
    return list(known.values())


def _is_measured(given: object) -> bool:
    """Whether it is a candidate with known energy and numeric levels."""
    if not isinstance(given, Candidate):
        return False
    known = given.features
    return isinstance(known.energy, float | int) and all(
        value is None or isinstance(value, float | int) for value in (known.loudness, known.true_peak)
    )


def fallback(plan: Plan, session: Session, played: set[str], now: float) -> list[Slot]:
    """Slots of the plan's set, from `now` on, in the last phase, without those already played."""
    last = session.template.phases[-1]
    slots = []
    for each in plan.reserves.get(GROUNDING_NOW, ()):
        if each.track.id not in played:
            slot = slot_of(session, last.name, last.loudness, Candidate(each.track, each.features), now)
            slots.append(replace(slot, reason=str(FromTheSet())))
            now = slot.end - slot.overlap
    return slots


def grounded(plan: Plan, here: str, now: float, end: float) -> Session:
    """The plan's session with its last phase from `now` to `end`, after what was played of the others.

    Parameters
    ----------
    here : str
        The phase that was playing.
    """
    arc = Arc(plan.session.template)
    names = [phase.name for phase in arc.phases]
    at = names.index(here) if here in names else len(names) - 1
    end = max(end, now + LEAST_SECONDS)
    last = len(names) - 1
    if at == last:
        lengths = [*np.diff(arc.bounds)[:last].tolist(), max(end - float(arc.bounds[last]), LEAST_SECONDS)]
        phases = list(arc.phases)
    else:
        lengths = [*np.diff(arc.bounds)[:at].tolist(), max(now - float(arc.bounds[at]), 1.0)]
        lengths.append(max(end - float(arc.bounds[at]) - lengths[at], LEAST_SECONDS))
        phases = [*arc.phases[: at + 1], arc.phases[last]]
    lasting = tuple(_lasting(phase, seconds) for phase, seconds in zip(phases, lengths, strict=True))
    return replace(plan.session, template=replace(plan.session.template, phases=lasting))


def ended(session: Session, end: float) -> Session:
    """The session with its last phase ending at `end`."""
    arc = Arc(session.template)
    *before, last = session.template.phases
    seconds = max(end - float(arc.bounds[-2]), 1.0)
    return replace(session, template=replace(session.template, phases=(*before, _lasting(last, seconds))))


def _lasting(phase: Phase, seconds: float) -> Phase:
    return replace(phase, minutes=replace(phase.minutes, default=seconds / 60.0))


def put_together(pool: Pool, before: Slot, now: float, end: float) -> list[Slot]:
    """Calm music track by track until `end`, or until there is none."""
    phase, groups = len(pool.arc.phases) - 1, pool.groups(np.arange(len(pool.table)))
    left = np.ones(len(groups), dtype=bool)
    followers = _Followers(pool, before)
    steps = np.round(pool.heard[-1].duration, 3) - overlap_of(pool.session)
    chosen: list[int] = []
    begin = now
    while now < end - LEAST_SECONDS:
        row = followers.best(chosen[-1] if chosen else None, left)
        if row is None:
            break
        left &= groups != groups[row]
        chosen.append(row)
        now += float(steps[row])
    path = [(phase, pool.candidates[row]) for row in chosen]
    slots = laid_out(pool.session, pool.arc, path, begin, exact=False)
    return [replace(slot, reason=str(CalmAndSmooth())) for slot in slots]


def anything(plan: Plan, session: Session, now: float) -> list[Slot]:
    """The calmest track the plan knows, played or not, if there is nothing else."""
    last = session.template.phases[-1]
    known = [*plan.slots, *plan.tail]
    heard = [1.0 if each is None else each for each in energies_heard(session, known)]
    best = known[int(np.argmin(heard))]
    slot = slot_of(session, last.name, last.loudness, Candidate(best.track, best.features), now)
    return [replace(slot, reason=str(CalmestKnown()))]


class _Followers:
    """What may follow a slot, or any track of the pool played in the last phase; all joins are worked out at once.

    Parameters
    ----------
    before : Slot
        What plays before all of them.
    """

    def __init__(self, pool: Pool, before: Slot) -> None:
        self._pool, ours, joins = pool, pool.heard[-1], pool.session.template.rules.join
        within, soft = pool.allowed()[-1], calm(pool)
        self._ways = (within, True), (soft, True), (within | soft, False)
        self._first = pool.table.who.of(before.track)
        starts = ends_of(ours, "start")
        all_ends = (ends_of(slots_heard(pool.session, [before]), "end"), ends_of(ours, "end"))
        rough = np.concatenate([roughness(join_parts(ends, starts, joins)) for ends in all_ends])
        rough += np.abs(ours.energy - pool.arc.phases[-1].energy[-1][1])
        rough[:, ~(ours.duration > 2 * overlap_of(pool.session))] = np.inf
        rough[np.isnan(rough)] = np.inf
        self._rough = rough
        self._may = np.concatenate([join_allowed(ends, starts, joins) for ends in all_ends])

    def best(self, row: int | None, left: Mask) -> int | None:
        """The row that best follows another, or the slot: within the phase's rules and the limits on joins; else any calm
        one; else either with any join. `None` if none is left.
        """
        people = self._pool.table.people
        own = self._first if row is None else tuple(people[row][people[row] != NO_ONE].tolist())
        at = 0 if row is None else row + 1
        other = ~np.isin(people, own).any(axis=1) if people.shape[1] else np.ones(len(people), dtype=bool)
        for may, limits in self._ways:
            among = may & left & other & self._may[at] if limits else may & left
            rough = np.where(among, self._rough[at], np.inf)
            best = int(np.argmin(rough)) if len(rough) else 0
            if len(rough) and np.isfinite(rough[best]):
                return best
        return None
