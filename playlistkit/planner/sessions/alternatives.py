"""`alternatives`: which tracks could play in a slot, and what each would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from playlistkit.arguments import checks_arguments
from playlistkit.blas import one_thread
from playlistkit.model import Candidate, Features, Plan, Slot, Track
from playlistkit.objective import energies_heard, judge
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.people import NO_ONE, shared
from playlistkit.objective.scoring import Join
from playlistkit.objective.terms import estimated_rates, join_points, rate_points, runs_of
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.problem.slots import phases_of
from playlistkit.planner.sessions.standing import Standing

__all__ = ["Alternative", "alternatives", "alternatives_in"]


OVERLAPS_TAKE = 6.0
"""Seconds by which `render` can lengthen or shorten a join's overlap of 6 s."""

JUDGED = 1.5
"""The most promising tracks are judged exactly: this many times the alternatives wanted."""

LIKELY = 20
"""The tracks that are cheapest by their means are compared by their curves: this many times the alternatives wanted."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A track that could play in a slot, and what it would change."""

    track: Track
    features: Features
    energy: float | None
    """Mean energy as heard there."""
    stays: bool
    """Whether every other track can stay where it is. If not, `swapped` finds what has to move."""
    points: float
    """By how much the score rises (worse) or falls; if others have to move, computed with them in their old places and
    without the ends of the phases."""
    join_before: Join | None
    """The join into it; `None` for the first slot."""
    join_after: Join | None
    """The join out of it; `None` for the last slot."""
    residual: float
    """Seconds by which the slot's phase would end late, with all others in place."""


@one_thread()
@checks_arguments
def alternatives(
    plan: Plan, candidates: Iterable[Candidate], slot: int, *, most: int = 12
) -> tuple[Alternative, ...]:
    """Tracks that could play in a slot of a plan, best first; those that leave everything else in place come before the rest.

    Each keeps the phase's rules and may join both neighbours; none is a recording the plan already plays.

    Parameters
    ----------
    plan : Plan
    candidates : sequence of Candidate
        The library.
    slot : int
        Index into `plan.slots`.
    most : int
        How many to give.

    Raises
    ------
    InputError
        If there is no such slot.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> with pk.Library("music.db") as library:
    ...     others = pk.alternatives(plan, library.candidates(), 1, most=3)
    >>> len(others) <= 3
    True
    """
    return alternatives_in(Standing.of(plan, candidates), slot, most=most)


@one_thread()
def alternatives_in(standing: Standing, slot: int, *, most: int = 12) -> tuple[Alternative, ...]:
    """`alternatives` of a plan that stands among its candidates already."""
    standing.check(slot)
    rows = _eligible(standing, slot)
    for curves, times in ((False, LIKELY), (True, JUDGED)):
        order = np.lexsort((rows, _points(standing, slot, rows, curves), ~_stays(standing, slot, rows)))
        rows = rows[order[: round(times * most)]]
    standing = standing.knowing(rows.tolist())
    kept = standing.kept
    before = judge(standing.session, standing.slots, kept, standing.known.of(standing.slots)).score
    found = []
    broken = standing.broken(standing.slots)
    for row, fits in zip(rows, _stays(standing, slot, rows), strict=True):
        path = list(zip(standing.phases[slot:], (int(row), *standing.rows[slot + 1 :]), strict=True))
        slots = standing.laid(slot, path)
        found.append(
            _alternative(
                standing, slot, slots, before.total, before.terms["boundary"], kept, bool(fits), broken
            )
        )
    found.sort(key=lambda each: (not each.stays, each.points))
    return tuple(found[:most])


def _alternative(
    standing: Standing,
    slot: int,
    slots: Sequence[Slot],
    total: float,
    boundary: float,
    kept: frozenset[str],
    fits: bool,
    broken: set[tuple[str, str]],
) -> Alternative:
    judgement = judge(standing.session, slots, kept, standing.known.of(slots))
    points = judgement.score.total - total
    if not fits:
        points -= judgement.score.terms["boundary"] - boundary
    ends = {each.name: each.residual for each in phases_of(standing.pool.arc, slots)}
    (energy,) = energies_heard(standing.session, [slots[slot]], standing.known.of([slots[slot]]))
    return Alternative(
        slots[slot].track,
        slots[slot].features,
        energy,
        fits and not standing.breaks(slots, before=broken, judgement=judgement),
        round(points, 6),
        judgement.joins[slot - 1] if slot else None,
        judgement.joins[slot] if slot + 1 < len(slots) else None,
        round(ends[slots[slot].phase], 3),
    )


def _eligible(standing: Standing, slot: int) -> Ints:
    """Rows that may play in a slot between its neighbours, by the phase's rules, recordings, artists, joins, voice."""
    pool, p = standing.pool, standing.phases[slot]
    allowed = pool.allowed(unknown_voice=not pool.session.strict)[p].copy()
    others = [row for k, row in enumerate(standing.rows) if k != slot]
    allowed[np.isin(standing.groups, standing.groups[list(standing.rows)])] = False
    left = np.flatnonzero(allowed)
    people = pool.table.take(left).people
    artists, times = np.unique(pool.table.take(np.array(others, dtype=np.intp)).people, return_counts=True)
    often = artists[(times >= pool.session.template.rules.artist_max) & (artists != NO_ONE)]
    allowed[left[np.isin(people, often).any(axis=1)]] = False
    for k in (slot - 1, slot + 1):
        if 0 <= k < len(standing.rows):
            later = pool.arc.phases[standing.phases[max(k, slot)]]
            if not later.album_runs:
                neighbour = pool.table.take(np.array([standing.rows[k]])).people
                allowed[left[shared(people, neighbour).ravel()]] = False
    beyond = pool.rules.beyond[p]
    phase = pool.arc.phases[p]
    sung = sum(
        standing.slots[k].duration
        for k, row in enumerate(standing.rows)
        if k != slot and standing.phases[k] == p and beyond[row]
    )
    room = phase.vocals_share * float(pool.arc.bounds[p + 1] - pool.arc.bounds[p]) - sung
    allowed[beyond & (pool.steps() > room)] = False
    rows: Ints = np.flatnonzero(allowed)
    limits = pool.session.template.rules.join
    own = standing.heard(rows, p)
    into, out = (ends_of(own, side) for side in ("start", "end"))
    if slot:
        fits = join_allowed(standing.ends(slot - 1, "end"), into, limits).ravel()
    else:
        fits = np.ones(len(rows), dtype=bool)
    if slot + 1 < len(standing.rows):
        fits &= join_allowed(out, standing.ends(slot + 1, "start"), limits).ravel()
    joined: Ints = rows[fits]
    return joined


def _stays(standing: Standing, slot: int, rows: Ints) -> Mask:
    """Whether each row, in the slot's place, leaves every phase within its tolerance [shape=(n,)]."""
    steps = standing.pool.steps()
    longer = steps[rows] - steps[standing.rows[slot]]
    p = standing.phases[slot]
    residuals, tolerances = standing.residuals()[p:], standing.tolerances()[p:]
    if (
        standing.session.player == "render"
    ):  # the phase's own overlaps take it up; those after keep their places
        joins = sum(each == p for each in standing.phases)
        taken_up: Mask = np.abs(longer) <= np.minimum(tolerances[0], OVERLAPS_TAKE * joins)
        return taken_up
    late = residuals[:, None] + longer
    within: Mask = (np.abs(late) <= tolerances[:, None] + 1e-6).all(axis=0)
    return within


def _points(standing: Standing, slot: int, rows: Ints, curves: bool) -> Floats:
    """An estimate of each row's cost per second in the slot, with its two joins, by its curves or its means [shape=(n,)]."""
    pool, phase = standing.pool, standing.pool.arc.phases[standing.phases[slot]]
    setting, own = pool.setting, standing.heard(rows, standing.phases[slot])
    seconds = pool.steps()[rows]
    start = np.full(len(rows), standing.slots[slot].start)
    points = rate_points(setting, phase, own) * seconds * setting.second_share
    if curves:
        for weight, run in runs_of(setting, own):
            points += weight * setting.second_share * run.each(np.arange(len(rows)), start, seconds)
    else:
        rates = estimated_rates(setting, own, standing.slots[slot].start, seconds)
        points += rates * seconds * setting.second_share
    into, out = (ends_of(own, side) for side in ("start", "end"))
    if slot:
        points += join_points(setting, standing.ends(slot - 1, "end"), into).ravel()
    if slot + 1 < len(standing.rows):
        points += join_points(setting, out, standing.ends(slot + 1, "start")).ravel()
    whole: Floats = points / seconds
    return whole
