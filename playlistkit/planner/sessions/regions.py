"""A stretch of a standing plan as a planning problem: what plays before and after it stays.

A region begins after the slot before it, ends where the slot after it begins, and pays for the join to it. So it is a
problem like any other, with a past and a fixed end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Slot
from playlistkit.objective.ends import ends_of
from playlistkit.objective.people import NO_ONE, shared
from playlistkit.objective.terms import join_points
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced, Instance, Past
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.rate_filter import rate_filter
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import Effort, explore
from playlistkit.planner.sessions.standing import Standing

__all__ = ["planned_anew", "regions_around"]

NEAR = Effort(160, 160, 3, (Rung(5, 1, Width(60, 2)),), at_once=(Rung(8, 3, Width(40, 1)),))
"""For a few slots between others that stay."""

FAR = Effort(250, 110, 6, (Rung(5, 1, Width(60, 2)),), at_once=(Rung(8, 6, Width(60, 1)),))
"""For phases or the whole."""


def regions_around(standing: Standing, slot: int) -> Iterator[list[tuple[int, int]]]:
    """Ever larger regions to plan anew, each by its first and last slot; those of about one size come together."""
    last = len(standing.slots) - 1

    def region(before: int, after: int) -> tuple[int, int]:
        return max(0, slot - before), min(last, slot + after)

    yield [region(0, 0)]
    yield [region(0, 1), region(1, 0)]
    yield [region(1, 1), region(0, 2), region(2, 0)]
    yield [region(2, 2)]
    own = [k for k, p in enumerate(standing.phases) if p == standing.phases[slot]]
    yield [(own[0], own[-1])]
    yield [(own[0], last)]
    yield [(0, last)]


def planned_anew(
    standing: Standing,
    slot: int | None,
    row: int | None,
    begin: int,
    end: int,
    locked: set[int],
    *,
    renew: bool = False,
) -> tuple[Slot, ...] | None:
    """The plan with slots `begin` to `end` planned anew, `row` among them where `slot` was; `None`: nothing fits.

    `renew`: tracks that are not locked must leave, instead of being free to stay.
    """
    problem, forced = _problem(standing, slot, row, begin, end, locked, renew=renew)
    pool = problem.pool
    members = np.flatnonzero(problem.allowed.any(axis=0))
    effort = NEAR if end - begin < 6 else FAR
    if len(members) > effort.rated:
        keep = [each.track for each in forced]
        members = rate_filter(pool, problem.allowed, problem.surcharge, effort.rated, keep=keep)
    phases = range(standing.phases[begin], standing.phases[end] + 1)
    if not all(problem.allowed[p, members].any() for p in phases):
        return None
    instance = _closed(standing, build(problem, members, forced), members, begin, end)
    pinned = np.isin(members, [each.track for each in forced])
    explored = explore(instance, effort, Multipliers.none(instance), pinned=pinned)
    for found in explored.refinement.plans[:3] if explored is not None else ():
        path = [(p + problem.first_phase, int(members[own])) for p, own in found.path]
        rest = list(zip(standing.phases[end + 1 :], standing.rows[end + 1 :], strict=True))
        slots = standing.laid(begin, [*path, *rest])
        if not standing.breaks(slots, None if row is None else pool.candidates[row].track):
            return slots
    return None


def _problem(
    standing: Standing,
    slot: int | None,
    row: int | None,
    begin: int,
    end: int,
    locked: set[int],
    *,
    renew: bool,
) -> tuple[Problem, list[Forced]]:
    """What may play in a region of the plan, and what must."""
    pool, slots = standing.pool, standing.slots
    inside = range(begin, end + 1)
    outside = [k for k in range(len(slots)) if k not in inside]
    allowed = pool.allowed(unknown_voice=not pool.session.strict).copy()
    for k in inside:  # what stands where it does may stay, whatever rule it bends
        allowed[standing.phases[k], standing.rows[k]] = True
    gone = [standing.rows[k] for k in outside]
    gone += [] if slot is None else [standing.rows[slot]]
    gone += [standing.rows[k] for k in inside if renew]
    allowed[:, np.isin(standing.groups, standing.groups[gone])] = False
    forced = []
    pinned = {pin.track for pin in pool.session.pins}
    staying = {k: standing.rows[k] for k in inside if k in locked or slots[k].track.id in pinned}
    if slot is not None and row is not None:
        staying[slot] = row
    for k, own in staying.items():
        allowed[:, own] = False
        allowed[standing.phases[k], own] = True
        slack = slots[k].duration - slots[k].overlap
        forced.append(Forced(own, time=slots[k].start + min(slack, float(pool.steps()[own])) / 2))
    phases = np.arange(len(allowed))
    inner = (phases >= standing.phases[begin]) & (phases <= standing.phases[end])
    allowed[~inner] = False
    problem = problem_of(pool, allowed)
    tolerances = standing.tolerances()
    return (
        replace(
            problem,
            slack=tuple(np.maximum(problem.slack, tolerances).tolist()),
            past=_past(standing, begin, outside),
            first_phase=standing.phases[begin],
            last_phase=standing.phases[end],
        ),
        forced,
    )


def _past(standing: Standing, begin: int, outside: Sequence[int]) -> Past:
    """What plays before the region; artists after it count as well."""
    people = standing.pool.table.take(np.array(standing.rows)).people
    counts: Counter[int] = Counter()
    heard: dict[int, float] = {}
    for k in outside:
        for person in people[k].tolist():
            if person != NO_ONE:
                counts[person] += 1
                if k < begin:
                    heard[person] = standing.slots[k].end - standing.slots[k].overlap
    if not begin:
        return Past(artist_counts=counts, artist_ends=heard)
    return Past(
        start=standing.slots[begin].start,
        ends=standing.ends(begin - 1, "end"),
        last_people=standing.pool.table.who.of(standing.slots[begin - 1].track),
        artist_counts=counts,
        artist_ends=heard,
    )


def _closed(
    standing: Standing, instance: Instance, members: NDArray[np.intp], begin: int, end: int
) -> Instance:
    """The instance with its last stage ending where the slot after the region begins, joined to it."""
    pool, slots = standing.pool, standing.slots
    stages = list(instance.stages)
    for q, stage in enumerate(stages):  # voice that stays outside the region takes its part of the share
        p = standing.phases[begin] + q
        sung = sum(
            slots[k].duration
            for k, row in enumerate(standing.rows)
            if standing.phases[k] == p and not begin <= k <= end and pool.rules.beyond[p, row]
        )
        stages[q] = replace(stage, beyond_limit=max(0.0, stage.beyond_limit - sung))
    if end + 1 == len(slots):
        return replace(instance, stages=tuple(stages))
    stage = stages[-1]
    here, there = standing.phases[end], standing.phases[end + 1]
    own = standing.heard(members[stage.members], here)
    ends = ends_of(own, "end")
    starts = standing.ends(end + 1, "start")
    allowed = join_allowed(ends, starts, pool.session.template.rules.join).ravel()
    if not pool.arc.phases[there].album_runs:
        allowed &= ~shared(own.people, pool.table.take(np.array([standing.rows[end + 1]])).people).ravel()
    points = join_points(pool.setting, ends, starts).ravel()
    residuals, tolerances = standing.residuals()[here:], standing.tolerances()[here:]
    if here == there and standing.session.player == "render":
        room = float(tolerances[0])
    else:
        room = float(np.min(tolerances - np.abs(residuals)))
    stages[-1] = replace(
        stage,
        exit=np.where(allowed, stage.exit + points, np.inf).astype(np.float32),
        target=slots[end + 1].start,
        slack=max(1.0, room),
    )
    return replace(instance, stages=tuple(stages))
