"""Words for people, derived from the costs: why each slot is where it is, and the plan's warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from playlistkit.figures import beside, number
from playlistkit.model import Finding, Place, PlannedPhase, Session, Slot, vocals_of
from playlistkit.names import sentence
from playlistkit.objective import WEIGHTS, Arc, Judgement, join_findings, slots_heard, terms, tolerance_of
from playlistkit.objective.holds import hold_windows, longest_rise
from playlistkit.objective.scoring import Join
from playlistkit.planner.problem.instance import Instance

__all__ = ["explained", "warning_of", "warnings_of"]

CLOSE = 0.2  # points; a smaller difference is not audible
DEAR = 0.5  # points for a single term; fewer are not worth mentioning
CHANGES = {"loudness": "loudness", "energy": "energy", "tempo": "tempo", "key": "key", "timbre": "sound"}
"""Words for the parts of a join's roughness."""
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
    told = []
    for k, (slot, energy) in enumerate(zip(slots, energies, strict=True)):
        sentences = [_curve(arc, slot, float(energy))]
        if k:
            sentences.append(_join(slots[k - 1], judgement.joins[k - 1]))
        if slot.track.id in pinned:
            sentences.append("pinned")
        elif instance is not None:
            sentences.append(_rival(instance, path, k, slot.start, titles))
        costs = {name: round(points, 6) for name, points in judgement.slots[k].items() if points}
        sentences += _dear(costs)
        told.append(replace(slot, reason="; ".join(each for each in sentences if each) + ".", costs=costs))
    return tuple(told)


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
        text = f"nobody knows whether anyone sings in it, in {phase.name}."
        if voice == "words":
            text = f"it has words, in {phase.name}; keep it only if the client doesn't know their language."
        found.append(Finding("vocals", Place("track", k + 1), text, breaks=False))
    found += join_findings(session, slots, joins)
    for planned in phases:
        if planned.name not in phase_of:
            continue
        tolerance = tolerance_of(session, phase_of[planned.name])
        if abs(planned.residual) > tolerance + 1e-6:
            side = "late" if planned.residual > 0 else "early"
            text = (
                f"{planned.name} ends {beside(abs(planned.residual), tolerance, digits=0)} s {side}, beyond the {number(tolerance)} s "
                "allowed: no plan was found that ends it nearer."
            )
            found.append(Finding("minutes", Place("phase", planned.name), text))
    for window in hold_windows(arc):
        rise = longest_rise(session, slots, window.begin, window.end)
        if rise > window.longest:
            note = f" ({window.note})" if window.note else ""
            text = (
                f"{window.phase}: energy rises for {beside(rise / 60, window.longest / 60, digits=1)} min without a break around minute "
                f"{(window.begin + window.end) / 120:.0f}{note}, longer than the {number(window.longest / 60)} min allowed."
            )
            found.append(Finding("hold", Place("phase", window.phase), text, breaks=False))
    if not session.last_session:
        for phase in arc.phases:
            if phase.repeats == "last session":
                text = f"{phase.name} would draw on the client's last session; none is known, so it plays any music."
                found.append(Finding("repeats", Place("phase", phase.name), text, breaks=False))
    return tuple(found)


def warning_of(finding: Finding, slots: Sequence[Slot]) -> str:
    """A finding as a sentence of the plan's warnings."""
    if finding.where.kind == "track":
        track = slots[finding.where.number - 1].track
        return f"{sentence(finding.where)}, {track.title or track.id}: {finding.text}"
    if finding.where.kind == "join":
        return f"{sentence(finding.where)}: {finding.text}"
    return sentence(finding.text)


def _curve(arc: Arc, slot: Slot, energy: float) -> str:
    """Words for how the slot fits the curve."""
    end = slot.end - slot.overlap
    wanted = float((arc.area(end) - arc.area(slot.start)) / max(end - slot.start, 1.0))
    if np.isnan(energy):
        return "Energy unknown"
    miss = energy - wanted
    if abs(miss) < 0.02:
        return f"Energy {energy:.2f}, on the curve"
    return f"Energy {energy:.2f}, {abs(miss):.2f} {'above' if miss > 0 else 'below'} the curve's {wanted:.2f}"


def _join(before: Slot, join: Join) -> str:
    """Words for the join before the slot."""
    title = before.track.title or before.track.id
    smooth = join.roughness < 0.3 and not join.parts["wish"]
    manner = "smoothly" if smooth else _change(join)
    steps = []
    if join.loudness_step is not None:
        louder = f"{join.loudness_step:+.1f} LU"
        steps.append("as loud" if louder[1:] == "0.0 LU" else louder)
    if join.energy_step is not None:
        steps.append(f"energy step {join.energy_step:.2f}")
    return f"follows {title} {manner}" + (f" ({', '.join(steps)})" if steps else "")


def _change(join: Join) -> str:
    """What changes at a join that isn't smooth, biggest change first: "with a change of key and sound"."""
    weighed = {words: getattr(WEIGHTS, f"join_{part}") * join.parts[part] for part, words in CHANGES.items()}
    most = sorted(weighed, key=lambda words: -weighed[words])[:2]
    named = [words for words in most if weighed[words] >= HEARD]
    manner = "with a change" if join.roughness < 0.5 else "with a contrast"
    return f"{manner} of {' and '.join(named)}" if named else manner


def _dear(costs: Mapping[str, float]) -> list[str]:
    """Other terms that cost the slot enough to mention; energy and join have their own words."""
    return [
        f"{costs[term.name]:.1f} points for {term.words}"
        for term in terms.TERMS
        if term.name not in ("energy", "join") and costs.get(term.name, 0.0) >= DEAR
    ]


def _rival(
    instance: Instance, path: Sequence[tuple[int, int]], k: int, start: float, titles: Sequence[str]
) -> str:
    """What the slot was chosen over: the cheapest free track of its length; empty if there is none."""
    p, j = path[k]
    stage = instance.stages[p]
    played = {int(instance.groups[instance.stages[q].members[i]]) for q, i in path}
    costs = instance.run_costs(p, np.array([max(0, round(start))]))[0].astype(np.float64)
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
        return ""  # as for most slots of a small library
    best = int(np.flatnonzero(rivals)[np.argmin(costs[rivals])])
    title, more = titles[stage.members[best]], costs[best] - own
    if more < 0:
        return f"{title} fits as well here, but would harm another phase's end or an artist's gap"
    if more < CLOSE:
        return f"{title} comes a close second"
    return f"chosen over {title}, {more:.1f} points worse"
