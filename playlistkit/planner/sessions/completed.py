"""What goes with the slots of any plan: tail, reasons, phases, reserves, warnings and score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from playlistkit.facts.fact import Fact
from playlistkit.model import PlannedPhase, Reserve, Session, Slot
from playlistkit.objective import Arc, Judgement, judge
from playlistkit.objective.array_types import Mask
from playlistkit.objective.table import Table
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import phases_of
from playlistkit.planner.sessions.reasons import warning_of, warnings_of
from playlistkit.planner.sessions.reserves import reserves, spare
from playlistkit.planner.sessions.tail import tail

__all__ = ["Completed", "completed"]


@dataclass(frozen=True, slots=True)
class Completed:
    """The slots of a plan with all that goes with them."""

    slots: tuple[Slot, ...]
    """With their reasons; the last without an overlap if no tail follows."""
    phases: tuple[PlannedPhase, ...]
    reserves: dict[str, tuple[Reserve, ...]]
    tail: tuple[Slot, ...]
    warnings: tuple[Fact, ...]
    judgement: Judgement


def completed(
    session: Session,
    pool: Pool,
    slots: Sequence[Slot],
    *,
    reasoned: Callable[[tuple[Slot, ...], Judgement], tuple[Slot, ...]],
    allowed: Mask | None = None,
    after: tuple[Slot, ...] | None = None,
) -> Completed:
    """The slots, completed from what they leave of the pool.

    Parameters
    ----------
    session : Session
        Judges the slots; the pool's may exclude what has played.
    reasoned : callable
        Gives the slots, judged, their reasons.
    allowed : np.ndarray [shape=(P, N)], optional
        Which tracks may play in the tail; by default those that the rules allow.
    after : tuple of Slot, optional
        A tail to keep; by default a new one.
    """
    rules = pool.allowed()
    row_of = pool.row_of
    taken = {row_of[slot.track.id] for slot in slots if slot.track.id in row_of}
    if after is None:
        after = tail(pool, rules if allowed is None else allowed, slots, taken)
    slots = tuple(slots)
    if not after:
        slots = (*slots[:-1], replace(slots[-1], overlap=0.0))
    kept = frozenset(pool.candidates[row].track.id for row in np.flatnonzero(pool.table.keep))
    known = Table.of(
        [slot.track for slot in slots],
        [slot.features for slot in slots],
        [slot.track.id in kept for slot in slots],
    )
    judgement = judge(session, slots, kept, known)
    slots = reasoned(slots, judgement)
    phases = phases_of(Arc(session.template), slots)
    in_tail = {row_of[slot.track.id] for slot in after if slot.track.id in row_of}
    ready = reserves(pool, rules, slots, taken, in_tail, known)
    found = warnings_of(session, slots, phases, judgement.joins)
    warnings = (*pool.warnings, *(warning_of(each, slots) for each in found), *spare(session, after, ready))
    return Completed(slots, phases, ready, after, warnings, judgement)
