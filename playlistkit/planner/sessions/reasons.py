"""Why each slot is where it is, derived from the costs, and what the plan warns of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from playlistkit.facts import warned as facts
from playlistkit.facts.fact import Fact
from playlistkit.facts.reasons import CHANGES, Follows, OnCurve, Rival, SlotReason
from playlistkit.model import Finding, Place, PlannedPhase, Session, Slot, vocals_of
from playlistkit.objective import WEIGHTS, Arc, Judgement, join_findings, slots_heard, terms, tolerance_of
from playlistkit.objective.holds import hold_windows, longest_rise
from playlistkit.objective.scoring import Join
from playlistkit.planner.problem.instance import Instance

__all__ = ["explained", "told", "warning_of", "warnings_of"]

CLOSE = 0.2  # points; a smaller difference is not audible
DEAR = 0.5  # points for a single term; fewer are not worth mentioning
HEARD = 0.05  # of a join's roughness; a smaller part is not mentioned
SAME_LENGTH = 15.0  # s; only tracks this near in length could have taken a slot's place


def explained(
    slots: Sequence[Slot],
    judgement: Judgement,
    session: Session,
    instance: Instance | None = None,
    path: Sequence[tuple[int, int]] = (),
    titles: Sequence[str] = (),
) -> tuple[Slot, ...]:
    """The slots, each with its costs and a reason.

    Parameters
    ----------
    instance, path
        What was solved, as (stage, member) pairs, for what a slot was chosen over; may be left out.
    titles : sequence of str
        Title of each track of the instance's table.
    """
    arc = Arc(session.template)
    pinned = {pin.track for pin in session.pins}
    energies = slots_heard(session, slots).energy
    found = []
    for k, (slot, energy) in enumerate(zip(slots, energies, strict=True)):
        costs = {name: round(points, 6) for name, points in judgement.slots[k].items() if points}
        is_pinned = slot.track.id in pinned
        free = instance if not is_pinned else None
        reason = SlotReason(
            _curve(arc, slot, float(energy)),
            _follows(slots[k - 1], judgement.joins[k - 1]) if k else None,
            is_pinned,
            None if free is None else _rival(free, path, k, slot.start, titles),
            _dear(costs),
        )
        found.append(replace(slot, reason=str(reason), costs=costs))
    return tuple(found)


def warnings_of(
    session: Session,
    slots: Sequence[Slot],
    phases: Sequence[PlannedPhase],
    joins: Sequence[Join] | None = None,
) -> tuple[Finding, ...]:
    """The plan's warnings: unknown voices, missed wishes, missed boundaries, rises at a hold.

    `joins` are those of `judge`, if already known.
    """
    arc = Arc(session.template)
    phase_of = {phase.name: phase for phase in arc.phases}
    found = []
    for k, slot in enumerate(slots):
        phase = phase_of.get(slot.phase)
        if phase is None:  # a plan written by hand
            continue
        voice = vocals_of(slot.features)
        if phase.vocals == "any" or voice not in ("words", "unknown"):
            continue
        known = facts.HasWords(phase.name) if voice == "words" else facts.VoiceUnknown(phase.name)
        found.append(Finding("vocals", Place("track", k + 1), known, breaks=False))
    found += join_findings(session, slots, joins)
    for planned in phases:
        if planned.name not in phase_of:
            continue
        tolerance = tolerance_of(session, phase_of[planned.name])
        if abs(planned.residual) > tolerance + 1e-6:
            beyond = facts.EndsBeyond(planned.name, planned.residual, tolerance)
            found.append(Finding("minutes", Place("phase", planned.name), beyond))
    for window in hold_windows(arc):
        rise = longest_rise(session, slots, window.begin, window.end)
        if rise > window.longest:
            minute = (window.begin + window.end) / 120
            rises = facts.RiseInHold(window.phase, rise / 60, window.longest / 60, minute, window.note)
            found.append(Finding("hold", Place("phase", window.phase), rises, breaks=False))
    if not session.last_session:
        for phase in arc.phases:
            if phase.repeats == "last session":
                unknown = facts.NoLastSession(phase.name)
                found.append(Finding("repeats", Place("phase", phase.name), unknown, breaks=False))
    return tuple(found)


def told(*warned: Fact) -> tuple[str, ...]:
    """The plan's warnings in words."""
    return tuple(map(str, warned))


def warning_of(finding: Finding, slots: Sequence[Slot]) -> facts.Warned:
    """A finding as the plan warns of it."""
    if finding.where.kind == "track":
        track = slots[finding.where.number - 1].track
        return facts.Warned(finding.about, finding.where, track.title or track.id)
    return facts.Warned(finding.about, finding.where if finding.where.kind == "join" else "")


def _curve(arc: Arc, slot: Slot, energy: float) -> OnCurve:
    """How the slot fits the curve."""
    end = slot.end - slot.overlap
    wanted = float((arc.area(end) - arc.area(slot.start)) / max(end - slot.start, 1.0))
    return OnCurve(None if np.isnan(energy) else energy, wanted)


def _follows(before: Slot, join: Join) -> Follows:
    """The join before the slot; what changes most at it, unless it is smooth."""
    title, steps = before.track.title or before.track.id, (join.loudness_step, join.energy_step)
    if join.roughness < 0.3 and not join.parts["wish"]:
        return Follows(title, "smooth", (), *steps)
    weighed = {part: getattr(WEIGHTS, f"join_{part}") * join.parts[part] for part in CHANGES}
    most = sorted(weighed, key=lambda part: -weighed[part])[:2]
    changes = tuple(part for part in most if weighed[part] >= HEARD)
    return Follows(title, "change" if join.roughness < 0.5 else "contrast", changes, *steps)


def _dear(costs: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The terms that cost the slot enough to mention; energy and join have sentences of their own."""
    return tuple(
        (term.words, costs[term.name])
        for term in terms.TERMS
        if term.name not in ("energy", "join") and costs.get(term.name, 0.0) >= DEAR
    )


def _rival(
    instance: Instance, path: Sequence[tuple[int, int]], k: int, start: float, titles: Sequence[str]
) -> Rival | None:
    """What the slot was chosen over: the cheapest free track of its length; `None` if there is none."""
    p, j = path[k]
    stage = instance.stages[p]
    played = {int(instance.groups[instance.stages[q].members[i]]) for q, i in path}
    costs = instance.run_costs(p, np.array([round(start)])).ravel().astype(np.float64)
    if k:
        q, before = path[k - 1]
        costs += stage.inner[before] if q == p else stage.entry[before]
    if k + 1 < len(path):
        q, after = path[k + 1]
        costs += stage.inner[:, after] if q == p else instance.stages[q].entry[:, after]
    own = costs[j]
    rivals = np.array([int(instance.groups[row]) not in played for row in stage.members])
    rivals &= (np.abs(stage.step - stage.step[j]) <= SAME_LENGTH) & np.isfinite(costs)
    if not rivals.any():
        return None  # as for most slots of a small library
    best = int(np.flatnonzero(rivals)[np.argmin(costs[rivals])])
    more = float(costs[best] - own)
    return Rival(titles[stage.members[best]], more, more < CLOSE)
