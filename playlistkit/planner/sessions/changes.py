"""What a change to a running session makes of the phases still to come: their lengths and their curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from playlistkit.errors import InputError
from playlistkit.facts.warned import EndMoved
from playlistkit.model import EnergyLimit, Minutes, Phase, Plan, Session
from playlistkit.objective import Arc
from playlistkit.objective.array_types import Floats

__all__ = ["GENTLER", "LEAST_SECONDS", "Change", "Kind", "changed", "end_moved", "lowered"]


Kind = Literal["extend", "gentler", "skip", "phase", "grounding now", "none"]


GENTLER = 0.15
"""Energy by which "gentler" lowers the rest of the curve, by default."""

LEAST_SECONDS = 60.0
"""A phase with less than this left counts as over, in seconds."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the rest of a session.

    extend
        The playing phase becomes `minutes` longer, or shorter if negative. If the session's end moves
        (`keep_end` false), no phase before the return grows: an overrun extends the return, never the peak.
    gentler
        The rest of the curve is lowered by `step`, but not below 0. The highest energy that each phase allows stays
        where it was, so that there is a plan even where the library has no calmer music.
    skip
        Another track begins at `at_seconds` while the playing one fades within the overlap; nothing else changes.
    phase
        The phase named `phase` begins as soon as what is playing has ended ("go to return").
    grounding now
        The plan's fallback set at once, then the last phase.
    none
        Plan the rest again, unchanged.
    """

    kind: Kind = "none"
    minutes: float = 0.0
    step: float = GENTLER
    phase: str = ""
    keep_end: bool = True
    """Whether to keep the planned end: later phases then gain or lose the minutes."""


def changed(plan: Plan, change: Change, phase_name: str, now: float) -> tuple[Session, int]:
    """The session with the change in its template, and the index of the phase in which the rest begins.

    The clock stays the session's: phases before get the minutes that they really took.

    Raises
    ------
    InputError
        If there is no such phase, it has begun already, or nothing is left to plan.
    """
    arc = Arc(plan.session.template)
    names = [phase.name for phase in arc.phases]
    if change.kind == "phase" and change.phase not in names:
        raise InputError(f"no phase {change.phase!r}; the plan's are {', '.join(names)}")
    here = names.index(phase_name) if phase_name in names else len(names) - 1
    if change.kind == "phase":
        lengths, first = _moved_to(arc, change, here, now)
    else:
        lengths, first = _gone_on(arc, change, here, now)
    if arc.bounds[0] + lengths.sum() - now < LEAST_SECONDS:
        raise InputError("nothing is left to plan: the playing track ends the session")
    lower = change.step if change.kind == "gentler" else 0.0
    phases = [
        _with(phase, seconds, lower if k >= first else 0.0)
        for k, (phase, seconds) in enumerate(zip(arc.phases, lengths, strict=True))
        if seconds > 0
    ]
    kept = [phase.name for phase in phases]
    template = replace(plan.session.template, phases=tuple(phases))
    return replace(plan.session, template=template), kept.index(names[first])


def _moved_to(arc: Arc, change: Change, here: int, now: float) -> tuple[Floats, int]:
    """Seconds of each phase when a later one begins at once, and that phase's index."""
    names = [phase.name for phase in arc.phases]
    first = names.index(change.phase)
    if first <= here:
        raise InputError(
            f"{change.phase} has already begun; the phases still to come are {', '.join(names[here + 1 :])}"
        )
    lengths = np.diff(arc.bounds)
    rest = lengths[first:].sum()
    lengths[here:first] = 0.0
    lengths[here] = max(now - arc.bounds[here], 1.0)  # the playing track keeps its phase
    begin = arc.bounds[here] + lengths[here]
    wanted = max(arc.end - begin, LEAST_SECONDS) if change.keep_end else rest
    lengths[first:] *= wanted / rest
    return lengths, first


def _gone_on(arc: Arc, change: Change, here: int, now: float) -> tuple[Floats, int]:
    """Seconds of each phase when the order stays, and the index of the phase in which the rest begins."""
    lengths = np.diff(arc.bounds)
    if change.kind == "extend":
        added = change.minutes * 60.0
        grown = here if change.keep_end or added <= 0 else _first_return(arc.phases, here)
        if grown == here:
            added = max(added, now - float(arc.bounds[here + 1]))
        lengths[grown] += added
        later = lengths[here + 1 :].sum()
        if change.keep_end and later > 0:
            lengths[here + 1 :] *= max(later - added, LEAST_SECONDS) / later
    over = now - (arc.bounds[here] + lengths[here])
    if over <= -LEAST_SECONDS or here + 1 == len(arc.phases):
        return lengths, here
    lengths[here] += over
    lengths[here + 1] = max(lengths[here + 1] - over, LEAST_SECONDS)
    return lengths, here + 1


def _first_return(phases: Sequence[Phase], here: int) -> int:
    """Index of the first phase from `here` on that comes after the peak; `here` if none does."""
    after_peak = ("return", "grounding")
    return next((k for k in range(here, len(phases)) if phases[k].stands_for in after_peak), here)


def _with(phase: Phase, seconds: float, lower: float) -> Phase:
    length, bounds = seconds / 60.0, phase.minutes
    # the room's wish overrules the template's bounds
    minutes = Minutes(length, min(bounds.least, length), max(bounds.most, length))
    return lowered(replace(phase, minutes=minutes), lower)


def end_moved(plan: Plan, session: Session, change: Change) -> tuple[EndMoved, ...]:
    """A warning if the end can't be kept, because no phase is left to gain or lose the minutes."""
    moved = (session.template.minutes - plan.session.template.minutes) * 60.0
    if change.kind != "extend" or not change.keep_end or abs(moved) < LEAST_SECONDS / 2:
        return ()
    return (EndMoved(session.template.phases[-1].name, moved),)


def lowered(phase: Phase, by: float) -> Phase:
    """The phase with its curve lowered, though not below 0; the highest energy that it allows stays where it was."""
    if not by:
        return phase
    energy = tuple((at, max(0.0, level - by)) for at, level in phase.energy)
    less = max(level for _, level in phase.energy) - max(level for _, level in energy)
    limit = phase.energy_limit or EnergyLimit(0.0, 0.0)
    up = round(min(max(limit.up, phase.energy_tolerance) + less, 1.0), 6)
    return replace(phase, energy=energy, energy_limit=EnergyLimit(up, limit.down))
