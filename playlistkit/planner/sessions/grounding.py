"""Grounding now: quiet music at once, from any state of any plan, whatever the library holds.

It needs no search. The plan's fallback set begins; what is left of the session is put together after it from calm
tracks, each the smoothest after the one before. Where music lacks, the session ends earlier and says so, and where
there is none that has not been played, the calmest is played again: silence is worse than anything that this plan could
hold. Once the room is quiet, `replan` plans what follows properly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.errors import InputError
from playlistkit.given import candidates_given
from playlistkit.model import Candidate, Phase, Plan, Session, Slot
from playlistkit.objective import Arc, energies_heard
from playlistkit.objective.hearing import energies_of
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import slot_of
from playlistkit.planner.sessions.reserves import GROUNDING_NOW, calm, follower

__all__ = ["LEAST_SECONDS", "anything", "ended", "fallback", "gathered", "grounded", "put_together"]

Mask = NDArray[np.bool_]

LEAST_SECONDS = 60.0
"""A phase with less than this left counts as over, in seconds."""

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
            slots.append(replace(slot, reason="Grounding now: from the fallback set."))
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
    """Calm music, track by track, until `end` or until there is none left."""
    last = pool.arc.phases[-1]
    groups = pool.groups(np.arange(len(pool.table)))
    left = np.ones(len(groups), dtype=bool)
    slots: list[Slot] = []
    while now < end - LEAST_SECONDS:
        row = next(_followers(pool, before, left), None)
        if row is None:
            break
        left &= groups != groups[row]
        slot = slot_of(pool.session, last.name, last.loudness, pool.candidates[row], now)
        slots.append(
            replace(slot, reason="Grounding now: calm, and the smoothest after the track before it.")
        )
        before, now = slot, slot.end - slot.overlap
    return slots


def anything(plan: Plan, session: Session, now: float) -> list[Slot]:
    """The calmest track the plan knows, played or not, if there is nothing else."""
    last = session.template.phases[-1]
    known = [*plan.slots, *plan.tail]
    heard = [1.0 if each is None else each for each in energies_heard(session, known)]
    best = known[int(np.argmin(heard))]
    slot = slot_of(session, last.name, last.loudness, Candidate(best.track, best.features), now)
    return [replace(slot, reason="Grounding now: the calmest there is, though it was played before.")]


def _followers(pool: Pool, before: Slot, left: Mask) -> Iterator[int]:
    """Rows that may follow, best first: within the rules and the joins' limits, then whatever is calm."""
    level = pool.arc.phases[-1].energy[-1][1]
    within, soft = pool.allowed()[-1], calm(pool)
    same = np.isin(pool.table.people, pool.table.who.of(before.track)).any(axis=1)
    for rows, limits in ((within & ~same, True), (soft & ~same, True), (within | soft, False)):
        row = follower(pool, before, np.flatnonzero(rows & left), level, limits=limits)
        if row is not None:
            yield row
