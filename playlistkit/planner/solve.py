"""From a pool to the best path through it: filter, coarse recursion, multipliers, fine recursion, search.

1. The rate filter leaves `Effort.rated` tracks.
2. A recursion on a coarse grid, forward and backward, gives each track the cost of the best session through it;
   `Effort.columns` tracks stay.
3. Multipliers are found on the coarse grid, where a step is cheap, and refined on the fine one.
4. The fine recursion under them gives a lower bound and steers the label search, which gives plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Certificate
from playlistkit.planner.instance import Forced, Instance, Past, build
from playlistkit.planner.multipliers import Multipliers, improve
from playlistkit.planner.pool import Pool, rate_filter
from playlistkit.planner.recursion import Grid, Potentials, backward, through_costs
from playlistkit.planner.search import Found, Width, search

__all__ = ["EFFORTS", "Effort", "Problem", "Solution", "solve"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

SEED_SPREAD = 0.009
"""A seed chooses among plans that cost up to this share more than the best: 1 %, less what the search, which counts
in single precision on whole seconds, may differ from the score."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to search, in steps, so that the answer does not depend on the machine."""

    rated: int
    """Tracks that the rate filter leaves."""
    columns: int
    """Tracks that the fine recursion sees."""
    coarse_steps: int
    fine_steps: int
    grid: int
    """Seconds of the fine grid. Above 1 there is no certificate."""
    widths: tuple[Width, ...]
    """Searches after the multipliers are found, as long as the last was not complete."""


EFFORTS = {
    "quick": Effort(400, 120, 8, 1, 5, (Width(150, 2),)),
    "normal": Effort(700, 200, 40, 3, 1, (Width(150, 2), Width(500, 6))),
    "proof": Effort(1500, 400, 120, 24, 1, (Width(200, 3), Width(2_000, 20), Width(6_000, 100))),
}


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be planned: a pool with one reading of its rules."""

    pool: Pool
    allowed: Mask
    """[shape=(P, N)]"""
    extra: Floats
    """[shape=(P, N)] Points for a whole session of such tracks."""
    slack: tuple[float, ...]
    """For each phase, seconds by which its end may miss."""
    past: Past | None = None
    first_phase: int = 0
    free: bool = False
    """Whether all joins are exempt from the hard limits."""

    def instance(self, rows: Ints, forced: Sequence[Forced]) -> Instance:
        """The problem over some of the tracks; `forced` speaks of rows of the whole pool."""
        pool = self.pool
        local = {int(row): k for k, row in enumerate(rows)}
        here = [replace(each, track=local[each.track]) for each in forced]
        free = np.full(len(rows), self.free)
        for row in pool.pinned:
            if row in local and pool.overridden[:, row].any():
                free[local[row]] = True
        return build(
            pool.session,
            pool.arc,
            pool.table.take(rows),
            pool.groups(rows),
            pool.places(rows),
            self.allowed[:, rows],
            pool.rules.beyond[:, rows],
            extra=self.extra[:, rows],
            slack=self.slack,
            free_joins=free,
            forced=[each for each in here if (each.time, each.first_of, each.last_of) != (None, None, None)],
            past=self.past,
            first_phase=self.first_phase,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A path of (phase, row of the pool) pairs, cheapest found."""

    path: tuple[tuple[int, int], ...]
    cost: float
    certificate: Certificate
    instance: Instance
    rows: Ints
    """Row of the pool of each track of the instance."""
    others: tuple[tuple[tuple[int, int], ...], ...]
    """All paths within the seed's spread, the best first."""

    def local(self, path: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The same path as (stage, member) pairs of the instance."""
        at = {int(row): k for k, row in enumerate(self.rows)}
        first = len(self.instance.arc.phases) - len(self.instance.stages)
        stages = self.instance.stages
        return [(p - first, int(np.searchsorted(stages[p - first].members, at[row]))) for p, row in path]


def solve(problem: Problem, effort: Effort, *, several: bool = False) -> Solution | None:
    """The best path that `effort` finds, or `None` if it finds none.

    Parameters
    ----------
    several : bool
        Also give paths within `SEED_SPREAD` of the best.
    """
    pool = problem.pool
    forced = [each for each, _ in pool.forced()]
    floating = [(each, phase) for each, phase in pool.forced() if each == Forced(each.track)]
    eligible = np.flatnonzero(problem.allowed[problem.first_phase :].any(axis=0))
    if not problem.allowed[problem.first_phase :].any(axis=1).all():
        return None
    rows = eligible
    if len(rows) > effort.rated:
        rows = rate_filter(pool, problem.allowed, problem.extra, effort.rated, keep=list(pool.pinned))
    if not set(pool.pinned) <= set(rows.tolist()):
        return None
    instance = problem.instance(rows, forced)
    coarse = Grid.of(instance, _coarse_size(instance))
    through: list[NDArray[np.float32]] | None = None
    if floating or len(rows) > effort.columns:
        potentials = backward(coarse)
        if not np.isfinite(potentials.value):
            return None
        through = through_costs(coarse, potentials)
    if floating:
        placed = _place(problem, rows, coarse.size, forced, floating)
        if placed is None:
            return None
        forced = placed
        instance = problem.instance(rows, forced)
        coarse = Grid.of(instance, coarse.size)
        through = through_costs(coarse, backward(coarse))
    if through is not None and len(rows) > effort.columns:
        rows = _best_columns(instance, through, rows, effort.columns, pool)
        instance = problem.instance(rows, forced)
        coarse = Grid.of(instance, coarse.size)
    multipliers, _, bound = improve(
        coarse, Multipliers.none(instance), effort.coarse_steps, lambda *_: np.inf
    )
    if not np.isfinite(bound):
        multipliers = Multipliers.none(instance)
    fine = Grid.of(instance, effort.grid)
    spread = SEED_SPREAD if several else 0.0
    plans: list[Found] = []
    complete = False

    def look(potentials: Potentials, current: Multipliers, width: Width) -> float:
        """Search once more and give the best cost known."""
        nonlocal plans, complete
        below = plans[0].cost if plans else np.inf
        found, complete = search(fine, potentials, current, width, below=below, spread=spread)
        plans = sorted({each.path: each for each in [*plans, *found]}.values(), key=lambda each: each.cost)
        return plans[0].cost if plans else np.inf

    multipliers, potentials, bound = improve(
        fine, multipliers, effort.fine_steps, lambda at, current: look(at, current, effort.widths[0])
    )
    for width in effort.widths:
        look(potentials, multipliers, width)
        if complete:
            break
    if not plans:
        return None
    best = plans[0].cost
    whole = len(rows) == len(eligible)
    certificate = _certificate(best, bound, complete, effort, len(rows), whole, bool(floating))
    wanted = [each for each in plans if each.cost <= best * (1 + spread)]
    paths = [
        tuple((p + problem.first_phase, int(rows[instance.stages[p].members[j]])) for p, j in each.path)
        for each in wanted
    ]
    return Solution(paths[0], best, certificate, instance, rows, tuple(paths))


def _coarse_size(instance: Instance) -> int:
    """Seconds of the coarse grid: 30, or a quarter of the shortest track, so that none rounds away."""
    shortest = min(float(stage.step.min(initial=120.0)) for stage in instance.stages)
    return int(np.clip(shortest / 4, 1, 30))


def _best_columns(
    instance: Instance, through: list[NDArray[np.float32]], rows: Ints, count: int, pool: Pool
) -> Ints:
    """The `count` tracks through which the cheapest sessions go."""
    least = np.full(len(rows), np.inf)
    for stage, costs in zip(instance.stages, through, strict=True):
        least[stage.members] = np.minimum(least[stage.members], costs.min(axis=0, initial=np.inf))
    least[np.isin(rows, list(pool.pinned))] = -np.inf
    return np.sort(rows[np.lexsort((rows, least))[:count]])


def _place(
    problem: Problem,
    rows: Ints,
    size: int,
    forced: list[Forced],
    floating: list[tuple[Forced, int | None]],
) -> list[Forced] | None:
    """Give each pin that is free in time the middle of where the cheapest relaxed session plays it.

    One by one, in the order of the pins; `None` if one fits nowhere. Nothing is proved about other times, so
    a certificate then speaks of sessions with the pins at these times.
    """
    placed = [each for each in forced if each != Forced(each.track)]
    for pin, _ in floating:
        instance = problem.instance(rows, placed)
        coarse = Grid.of(instance, size)
        through = through_costs(coarse, backward(coarse))
        local = int(np.flatnonzero(rows == pin.track)[0])
        best, time = np.inf, None
        for p, (stage, costs) in enumerate(zip(instance.stages, through, strict=True)):
            for j in np.flatnonzero(stage.members == local):
                row = int(np.argmin(costs[:, j]))
                if costs[row, j] < best:
                    best = float(costs[row, j])
                    time = (coarse.first[p] + row) * size + float(stage.step[j]) / 2
        if time is None:
            return None
        placed.append(Forced(pin.track, time=time))
    return placed


def _certificate(
    best: float, bound: float, complete: bool, effort: Effort, columns: int, whole: bool, placed: bool
) -> Certificate:
    candidates = f"{columns} candidates" + ("" if not whole else ", all that are eligible")
    if placed:
        candidates += ", with the pins at the times they have"
    scope = f"{candidates}, times at whole seconds"
    if effort.grid != 1:
        return Certificate(None, False, f"{candidates}, not certified at effort quick")
    if complete:
        return Certificate(0.0, True, scope)
    within = max(0.0, best / bound - 1) if bound > 0 else None
    return Certificate(None if within is None else round(within, 6), False, scope)
