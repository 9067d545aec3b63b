"""Score any sequence of slots, wherever it came from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from playlistkit.model import Candidate, Phase, Score, Session, Slot
from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Floats, Ints
from playlistkit.objective.ends import ends_of
from playlistkit.objective.hearing import (
    heard_silences,
    overlap_of,
    planned_gain,
    slots_heard,
)
from playlistkit.objective.people import NO_ONE
from playlistkit.objective.table import Table
from playlistkit.objective.terms import Setting, Term, terms_of
from playlistkit.objective.terms.join import (
    join_parts,
    join_silences,
    join_steps,
    roughness,
)
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TAIL", "Join", "Judgement", "joins_of", "judge", "lay_along", "lay_out", "score"]


TAIL = "tail"
"""The phase name of slots after the planned end; no term judges them."""


@dataclass(frozen=True, slots=True)
class Join:
    """The passage from one slot to the next, as heard."""

    loudness_step: float | None
    """LU; up is positive. `None` if unknown."""
    energy_step: float | None
    """Absolute; `None` if unknown."""
    silence: float
    """Seconds of silence."""
    roughness: float
    """0 to 1."""
    parts: dict[str, float]
    """The parts of the roughness (tempo, key, loudness, timbre, energy, wish), each 0 to 1, unweighted."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The objective's full result for a sequence of slots."""

    score: Score
    slots: tuple[dict[str, float], ...]
    """For each slot, points by term; their sum is the score."""
    joins: tuple[Join, ...]
    """One fewer than slots."""
    residuals: dict[str, float]
    """Seconds by which each phase with slots ends late."""
    energy_rms: float
    """Root mean square of energy minus curve over the session."""


def score(session: Session, slots: Sequence[Slot], kept: Collection[str] = ()) -> Score:
    """The slots under the objective: total points and points by term.

    Parameters
    ----------
    session : Session
    slots : sequence of Slot
        In order of time; the tail's slots are ignored.
    kept : collection of str
        Ids of tracks marked `keep`. If there are any, the others cost a little.
    """
    return judge(session, slots, kept).score


def judge(
    session: Session, slots: Sequence[Slot], kept: Collection[str] = (), known: Table | None = None
) -> Judgement:
    """Score, per-slot costs and joins of `slots` (see `score` for the parameters).

    `known` is the table of the tracks of all slots but the tail's, with their marks, where there is one already.
    """
    arc = Arc(session.template)
    played = [slot for slot in slots if slot.phase != TAIL]
    if not played or not arc.phases:
        return Judgement(Score(0.0), (), (), {}, 0.0)
    setting = Setting(session, arc, keeping=bool(kept))
    table = replace(
        slots_heard(session, played, kept, known), duration=np.array([slot.duration for slot in played])
    )
    residuals = _residuals(arc, played)
    by_phase = _by_phase(arc, played, table)
    columns = {
        term.name: term.weight * _amounts(term, setting, played, table, by_phase, residuals)
        for term in terms_of(setting)
    }
    sums = {name: float(column.sum()) for name, column in columns.items()}
    by_slot = tuple({name: float(column[k]) for name, column in columns.items()} for k in range(len(played)))
    rms = float(np.sqrt(columns["energy"].sum() / WEIGHTS.energy)) * WEIGHTS.energy_scale
    return Judgement(
        Score(sum(sums.values()), sums),
        by_slot,
        joins_of(session, played, table),
        {name: residual for name, (_, residual) in residuals.items()},
        rms,
    )


def _by_phase(arc: Arc, played: Sequence[Slot], table: Table) -> list[tuple[Phase, Ints, Table]]:
    """Each phase that has slots, with their numbers and tracks."""
    found = []
    for phase in arc.phases:
        own = np.flatnonzero([slot.phase == phase.name for slot in played])
        if len(own):
            found.append((phase, own, table.take(own)))
    return found


def _amounts(
    term: Term,
    setting: Setting,
    played: Sequence[Slot],
    table: Table,
    by_phase: Sequence[tuple[Phase, Ints, Table]],
    residuals: dict[str, tuple[int, float]],
) -> Floats:
    """A term's amount for each slot, at weight 1 [shape=(n,)]."""
    n = len(played)
    phase_of = {phase.name: phase for phase in setting.arc.phases}
    starts = np.array([slot.start for slot in played])
    seconds = np.array([slot.duration - slot.overlap for slot in played])
    # the last slot counts the same with or without a tail: while planning, nobody knows yet whether there will be one
    seconds[-1] = played[-1].duration - (played[-1].overlap or overlap_of(setting.session))
    amounts = np.zeros(n)
    if term.rate is not None:
        for phase, own, tracks in by_phase:
            amounts[own] += term.rate(setting, phase, tracks) * seconds[own] * setting.second_share
    if term.run is not None:
        run = term.run(setting, table)
        amounts += run.each(np.arange(n), starts, seconds) * setting.second_share
    if term.join is not None and n > 1:
        before, after = ends_of(table, "end"), ends_of(table, "start")
        amounts[1:] += np.diagonal(term.join(setting, before, after), 1) * setting.join_share
    if term.boundary is not None:
        for name, (last, residual) in residuals.items():
            missed = term.boundary(setting, phase_of[name], residual)
            amounts[last] += float(missed) * setting.phase_share
    if term.repeat is not None:
        for k, gap, running in _returns(played, table):
            if played[k].phase in phase_of:
                repeated = term.repeat(setting, phase_of[played[k].phase], gap, running)
                amounts[k] += float(repeated) * setting.join_share
    return amounts


def lay_out(session: Session, candidates: Sequence[Candidate]) -> tuple[Slot, ...]:
    """Slots that play `candidates` one after the other, with phases assigned by the clock.

    A phase begins with the track that starts nearest to its target, so that a playlist from anywhere can be
    judged; a phase after the last track has none. Tracks that start after the planned end are the tail.
    """
    overlap = overlap_of(session)
    known = Table.of([each.track for each in candidates], [each.features for each in candidates])
    table = heard_silences(session, known)
    durations = np.nan_to_num(table.duration)
    starts = np.concatenate([[0.0], np.cumsum(np.maximum(durations - overlap, 0.0))])  # and the end
    loudness = {phase.name: phase.loudness for phase in session.template.phases}
    slots = []
    for k, (each, start, phase, late) in enumerate(
        zip(candidates, starts, *_by_the_clock(session, starts), strict=False)
    ):
        level = loudness[phase] if session.player == "render" else None
        slots.append(
            Slot(
                phase=TAIL if late else phase,
                start=float(start),
                duration=float(durations[k]),
                track=each.track,
                features=each.features,
                overlap=overlap if k + 1 < len(candidates) else 0.0,
                gain=planned_gain(table.take(np.array([k])), level).item(),
            )
        )
    return tuple(slots)


def lay_along(session: Session, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Slots of another template's session, played as they are, with phases assigned as by `lay_out`."""
    if not slots:
        return ()
    starts = np.array([*(slot.start for slot in slots), slots[-1].end])
    return tuple(
        replace(slot, phase=TAIL if late else phase)
        for slot, phase, late in zip(slots, *_by_the_clock(session, starts), strict=False)
    )


def _by_the_clock(session: Session, starts: Floats) -> tuple[list[str], list[bool]]:
    """For tracks that begin at `starts`, the last of which is the end: their phases, and whether the session is over."""
    arc = Arc(session.template)
    firsts = [0, *(int(np.argmin(np.abs(starts - bound))) for bound in arc.bounds[1:-1])]
    phases = [arc.phases[sum(first <= k for first in firsts) - 1].name for k in range(len(starts) - 1)]
    late = starts[:-1] >= arc.end - session.template.rules.boundary_tolerance
    return phases, late.tolist()


def joins_of(session: Session, played: Sequence[Slot], table: Table) -> tuple[Join, ...]:
    """The joins between slots, whose tracks as heard are the rows of `table`."""
    before, after = ends_of(table, "end"), ends_of(table, "start")
    parts = join_parts(before, after, session.template.rules.join)
    total = roughness(parts)
    rises, steps = join_steps(before, after, session.template.rules.join)
    silences = join_silences(before, after)
    return tuple(
        Join(
            loudness_step=_or_none(rises[k, k + 1]),
            energy_step=_or_none(steps[k, k + 1]),
            silence=float(silences[k, k + 1]),
            roughness=float(total[k, k + 1]),
            parts={name: float(part[k, k + 1]) for name, part in parts.items()},
        )
        for k in range(len(played) - 1)
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _residuals(arc: Arc, played: Sequence[Slot]) -> dict[str, tuple[int, float]]:
    """For each phase with slots: its last slot, and the seconds by which it ends late."""
    residuals: dict[str, tuple[int, float]] = {}
    for p, phase in enumerate(arc.phases):
        own = [k for k, slot in enumerate(played) if slot.phase == phase.name]
        if own:
            last = own[-1]
            end = played[last + 1].start if last + 1 < len(played) else played[last].end
            residuals[phase.name] = last, end - float(arc.bounds[p + 1])
    return residuals


def _returns(played: Sequence[Slot], table: Table) -> Iterator[tuple[int, float, bool]]:
    """Slots whose people were heard before: seconds since then, and whether in the slot just before."""
    last: dict[int, tuple[int, float]] = {}
    for k, slot in enumerate(played):
        people = [person for person in table.people[k].tolist() if person != NO_ONE]
        heard = [last[person] for person in people if person in last]
        if heard:
            index, end = max(heard)
            yield k, slot.start - end, index == k - 1
        last.update(dict.fromkeys(people, (k, slot.start + slot.duration - slot.overlap)))
