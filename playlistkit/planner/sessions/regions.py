"""A stretch of a standing plan as a planning problem: what plays before and after it stays.

A region begins after the slot before it, ends where the slot after it begins, and pays for the join to it and for whatever else
it changes there. So it is a problem like any other, with a past and a future.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from playlistkit.model import Slot
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.borders import future_of, past_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced
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
        members = rate_filter(
            pool, problem.allowed, problem.surcharge, effort.rated, keep, since=problem.start
        )
    phases = range(standing.phases[begin], standing.phases[end] + 1)
    if not all(problem.allowed[p, members].any() for p in phases):
        return None
    instance = build(problem, members, forced)
    pinned = np.isin(members, [each.track for each in forced])
    explored = explore(instance, effort, Multipliers.none(instance), pinned=pinned)
    plans = explored.refinement.plans[:3] if explored is not None else ()
    for found in sorted(plans, key=lambda each: instance.value(each.path).points):
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
    before, after = slots[:begin], slots[end + 1 :]
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
    first, last = standing.phases[begin], standing.phases[end]
    start = slots[begin].start if begin else 0.0
    return (
        replace(
            problem,
            slack=tuple(np.maximum(problem.slack, standing.tolerances()).tolist()),
            past=past_of(pool, before, start, first, after),
            future=future_of(pool, slots, end, last, _room(standing, end)),
            first_phase=first,
            last_phase=last,
        ),
        forced,
    )


def _room(standing: Standing, end: int) -> float:
    """Seconds by which what follows slot `end` may move."""
    here = standing.phases[end]
    residuals, tolerances = standing.residuals()[here:], standing.tolerances()[here:]
    if standing.session.player == "render" and here in standing.phases[end + 1 :]:
        return max(1.0, float(tolerances[0]))  # the phase's overlaps take it up
    return max(1.0, float(np.min(tolerances - np.abs(residuals))))
