"""From a pool to the best path through it: filter, columns, multipliers, then ever finer grids.

1. The rate filter leaves `Effort.rated` tracks.
2. A sketch of the recursion, forward and backward, gives each track about the cost of the best session through
   it; `Effort.columns` tracks stay. Multipliers are found for them where a step is cheap.
3. A refinement from coarse to fine (`refinement.py`) finds plans and bounds them.
4. At effort `proof` a second refinement takes in all the rated tracks again, with the best plan known from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from playlistkit.objective.array_types import Ints, Mask
from playlistkit.planner.bound.cost_to_go import backward, through_costs
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced, Instance
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.rate_filter import rate_filter
from playlistkit.planner.search.certificate import Proof
from playlistkit.planner.search.labelling import Found, search
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Refinement, Rung, cell_size

__all__ = ["EFFORTS", "Effort", "Explored", "Solution", "explore", "solve"]


SEED_SPREAD = 0.009
"""A seed chooses among plans that cost up to this share more than the best: 1 %, less what the search, which adds up in single precision on whole seconds, may differ from the score."""


SEVERAL = 400
"""Most plans kept for a seed to choose from, best first."""

LAST_RESORT = (Rung(1, 4, Width(500, 6)),)
"""A wide rung, for when narrower ones on cells that blur the boundaries found no plan."""

SKETCH = 20
"""Cell size of the sketch, in seconds."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to search, in steps, so that the answer does not depend on the machine."""

    rated: int
    """Tracks that the rate filter leaves."""
    columns: int
    """Tracks to search among first."""
    steps: int
    """Steps of the multipliers before the refinement."""
    rungs: tuple[Rung, ...]
    """The refinement among the columns, until it is complete."""
    rungs_over_all: tuple[Rung, ...] = ()
    """The refinement among all rated tracks after that."""
    wide: int = 1
    """The rate filter compares this many times `rated` tracks by their joins as well, if the library is that large."""
    at_once: tuple[Rung, ...] = ()
    """Search on the sketch itself, and refine only where that finds nothing: somebody is waiting."""
    at_once_over_all: tuple[Rung, ...] = ()
    """The same on a sketch of all rated tracks after that."""
    last_resort: tuple[Rung, ...] = LAST_RESORT
    """The refinement where all that has found no plan."""

    def looking(self) -> Effort:
        """Only as far as the sketch: whether there is a plan that is found at once."""
        return replace(self, at_once=self.at_once[:1], at_once_over_all=(), rungs=(), last_resort=())


EFFORTS = {
    "quick": Effort(
        400,
        120,
        14,
        (
            Rung(5, 1, Width(60, 2)),
            Rung(1, 2, Width(150, 3), arcs=150_000),
            Rung(1, 6, Width(500, 10), arcs=100_000),
        ),
        wide=8,
    ),
    "normal": Effort(
        700,
        240,
        30,
        (
            Rung(5, 1, Width(150, 2)),
            Rung(1, 4, Width(300, 4)),
            Rung(1, 12, Width(1_000, 50), arcs=20_000),
        ),
        wide=5,
    ),
    "proof": Effort(
        5000,
        240,
        80,
        (
            Rung(5, 1, Width(200, 3)),
            Rung(1, 4, Width(500, 6)),
        ),
        (
            Rung(20, 1, Width(200, 3)),
            Rung(5, 1, Width(200, 3)),
            Rung(1, 4, Width(500, 6)),
            Rung(1, 12, Width(2_000, 20)),
            Rung(1, 24, Width(6_000, 100)),
        ),
        wide=3,
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A path of (phase, row of the pool) pairs, cheapest found."""

    path: tuple[tuple[int, int], ...]
    cost: float
    """Points under the objective, as the judge counts them before `render` moves any overlap."""
    surcharge: float
    """Points outside the score."""
    proof: Proof
    instance: Instance
    rows: Ints
    """Row of the pool of each track of the instance."""
    columns: Ints
    """Rows of the pool among which plans were looked for first."""
    multipliers: Multipliers
    others: tuple[tuple[tuple[tuple[int, int], ...], float], ...]
    """All paths within the seed's spread and what each costs, the best first."""

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
    allowed = problem.allowed.copy()
    allowed[: problem.first_phase] = False
    eligible = np.flatnonzero(allowed.any(axis=0))
    if not allowed[problem.first_phase :].any(axis=1).all():
        return None
    rows = eligible
    keep = [*pool.pinned, *(row for _, row in problem.before)]
    if len(rows) > effort.rated:
        rows = rate_filter(
            pool, allowed, problem.surcharge, effort.rated, keep, effort.wide, since=problem.start
        )
    if not set(pool.pinned) <= set(rows.tolist()):
        return None
    instance = build(problem, rows, forced)
    if floating:
        placed = _place(problem, rows, forced, floating)
        if placed is None:
            return None
        forced = placed
        instance = build(problem, rows, forced)
    spread = SEED_SPREAD if several else 0.0
    found = explore(
        instance,
        effort,
        _known(problem, instance, rows),
        spread,
        np.isin(rows, keep),
        _members_before(problem, instance, rows),
    )
    if found is None:
        return None
    refinement = found.refinement
    seen = len(rows) if found.whole else effort.columns
    values = {each.path: instance.value(each.path) for each in refinement.plans[:SEVERAL]}
    plans = sorted(values, key=lambda each: (values[each].steered, each))
    best = values[plans[0]]
    bound = best.points if refinement.complete else min(refinement.bound - best.surcharge, best.points)
    proof = Proof(bound, seen, seen == len(eligible), placed=bool(floating), bending=best.surcharge > 1e-6)
    others = [
        (tuple((p + problem.first_phase, int(rows[row])) for p, row in each), values[each].points)
        for each in plans
        if values[each].steered <= best.steered * (1 + spread)
    ]
    return Solution(
        others[0][0],
        best.points,
        best.surcharge,
        proof,
        instance,
        rows,
        rows[found.columns],
        refinement.multipliers,
        tuple(others),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Explored:
    """The result of searching one instance."""

    refinement: Refinement
    """Its plans, the best first, and the bound."""
    columns: Ints
    """Rows of the instance among which plans were looked for first."""
    whole: bool
    """Whether the bound covers all rows."""


def explore(
    instance: Instance,
    effort: Effort,
    multipliers: Multipliers,
    spread: float = 0.0,
    pinned: Mask | None = None,
    before: Sequence[Ints] | None = None,
) -> Explored | None:
    """Plans of an instance by steps 2 to 4; `None` where there are none.

    Parameters
    ----------
    multipliers : Multipliers
        To begin with.
    spread : float
        Plans that cost up to this share more than the best are wanted as well.
    pinned : np.ndarray [shape=(M,)], optional
        Rows that are always among the columns.
    before : sequence of np.ndarray [shape=(k,)], optional
        For each stage, members that made a plan before: searched by themselves where nothing is found at once.
    """
    sketch, narrow, plans = None, instance, list[Found]()
    if len(instance.table) > effort.columns:
        sketch = Grid.sketch(instance, cell_size(instance, SKETCH))
        chosen = _columns(sketch, effort.columns, pinned)
        sketch = sketch.keeping([np.flatnonzero(chosen[stage.members]) for stage in instance.stages])
        narrow = sketch.instance
    if effort.at_once:
        multipliers, plans = _at_once(narrow, effort.at_once, multipliers, spread)
        if not plans and before is not None:
            plans = _at_once(instance.keeping(before), effort.at_once[:1], multipliers, spread)[1]
        if not plans:
            multipliers, plans = _at_once(instance, effort.at_once_over_all, multipliers, spread)
    else:
        sketch = sketch or Grid.sketch(instance, cell_size(instance, SKETCH))
        multipliers, _, bound = improve(sketch, multipliers, effort.steps)
        multipliers = multipliers if np.isfinite(bound) else Multipliers.none(instance)
    refinement = Refinement(narrow, multipliers, plans, spread)
    if not plans or not effort.at_once:
        refinement.run(effort.rungs)
    whole = narrow is instance
    if not whole and (effort.rungs_over_all or not refinement.plans):
        refinement = Refinement(instance, refinement.multipliers, refinement.plans, spread)
        whole = True
    if whole:
        refinement.run(effort.rungs_over_all)
    if not refinement.plans:
        refinement.run(effort.last_resort)
    if not refinement.plans:
        return None
    return Explored(refinement, np.unique(np.concatenate([stage.members for stage in narrow.stages])), whole)


def _at_once(
    instance: Instance, rungs: Sequence[Rung], multipliers: Multipliers, spread: float
) -> tuple[Multipliers, list[Found]]:
    """Search on a sketch, rung by rung, until there is a plan; better multipliers, and the plans, best first."""
    if not rungs:
        return multipliers, []
    sketch = Grid.sketch(instance, cell_size(instance, rungs[0].size))
    for rung in rungs:
        multipliers, potentials, bound = improve(sketch, multipliers, rung.steps)
        if not np.isfinite(bound):
            return Multipliers.none(instance), []
        plans, _ = search(sketch, potentials, multipliers, rung.width, spread=spread)
        if plans:
            return multipliers, plans
    return multipliers, []


def _known(problem: Problem, instance: Instance, rows: Ints) -> Multipliers:
    """Multipliers to begin with: those of a similar problem, else none."""
    multipliers = Multipliers.none(instance)
    if problem.charges:
        ids = [problem.pool.candidates[row].track.id for row in rows]
        charges = np.array([problem.charges.get(each, 0.0) for each in ids])
        np.maximum.at(multipliers.recording, instance.groups, charges)
    return multipliers


def _members_before(problem: Problem, instance: Instance, rows: Ints) -> list[Ints] | None:
    """For each stage, the members that were planned there before; `None` where there are none, or one may stand there no longer."""
    if not problem.before:
        return None
    found = []
    for q, stage in enumerate(instance.stages):
        own = [row for p, row in problem.before if p == q + problem.first_phase]
        found.append(np.flatnonzero(np.isin(rows[stage.members], own)))
        if len(found[-1]) < max(1, len(own)):
            return None
    return found


def _columns(sketch: Grid, count: int, pinned: Mask | None) -> Mask:
    """About the `count` tracks with the cheapest sessions through them [shape=(M,)]."""
    least = np.full(len(sketch.instance.table), np.inf)
    through = through_costs(sketch, backward(sketch))
    for stage, costs in zip(sketch.instance.stages, through, strict=True):
        least[stage.members] = np.minimum(least[stage.members], costs.min(axis=0, initial=np.inf))
    if pinned is not None:
        least[pinned] = -np.inf
    chosen = np.zeros(len(least), dtype=bool)
    chosen[np.argsort(least, kind="stable")[:count]] = True
    return chosen


def _place(
    problem: Problem,
    rows: Ints,
    forced: list[Forced],
    floating: list[tuple[Forced, int | None]],
) -> list[Forced] | None:
    """Give each pin that is free in time the middle of where the cheapest relaxed session plays it.

    One by one, in the order of the pins; `None` if one fits nowhere. Nothing is proved about other times, so
    a certificate then speaks of sessions with the pins at these times.
    """
    placed = [each for each in forced if each != Forced(each.track)]
    for pin, _ in floating:
        instance = build(problem, rows, placed)
        sketch = Grid.sketch(instance, cell_size(instance, SKETCH))
        through = through_costs(sketch, backward(sketch))
        local = int(np.searchsorted(rows, pin.track))
        best, time = np.inf, None
        for p, (stage, costs) in enumerate(zip(instance.stages, through, strict=True)):
            for j in np.flatnonzero(stage.members == local):
                row = int(np.argmin(costs[:, j]))
                if costs[row, j] < best:
                    best = float(costs[row, j])
                    time = (sketch.first[p] + row + 0.5) * sketch.size + float(stage.step[j]) / 2
        if time is None:
            return None
        placed.append(Forced(pin.track, time=time))
    return placed
