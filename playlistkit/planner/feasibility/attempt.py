"""Plans that keep all rules, and what it takes to look for one: problems, their supply, the effort."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from playlistkit.facts.fact import Fact
from playlistkit.model import Diagnosis, Shortfall
from playlistkit.objective import tolerance_of
from playlistkit.objective.array_types import Floats, Mask
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.planner.feasibility.supply import dealt, lacks
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.search.solve import EFFORTS, Effort, Solution, solve

__all__ = [
    "SPARES",
    "WIDENING",
    "Attempt",
    "WhyNot",
    "enough",
    "problem_of",
    "solved",
    "supplied",
    "tolerances",
    "unbent",
    "unwelcome_words",
]


WIDENING = (2.0, 4.0, 8.0, 16.0)
"""Factors by which the boundaries' tolerance is widened in turn, where only the tracks' lengths prevent a plan."""

SPARES = (1.2, 1.5, 2.0)
"""Multiples of the planned minutes that giving up rules must let in, tried in turn: less room makes rougher plans."""

BENT = 60.0
"""Points for a whole session of tracks that bend a rule, so that rules are bent as little as possible."""

SPARE_COLUMNS = 1.5
"""At least this many times the tracks a session needs are considered, at any effort."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """A solution with its problem, and what was given up for it."""

    pool: Pool
    problem: Problem
    solution: Solution
    bent: bool = False
    shortfalls: tuple[Shortfall, ...] = ()
    told: tuple[Fact, ...] = ()
    """What the therapist must know."""


@dataclass(frozen=True, slots=True, eq=False)
class WhyNot:
    """Why there is no plan."""

    diagnosis: Diagnosis
    way_out: Problem | None = None
    """If there are enough minutes: the problem without the conflict, which has a plan."""


def unbent(pool: Pool, effort: Effort) -> Attempt | None:
    """Try known voices first, then unknown ones, then wider boundaries; `None` if nothing fits.

    Where the known voices alone need words that the phase would rather not have, unknown ones are tried as well and the
    cheaper plan is taken. The search goes from start to end: if an early phase uses up what a later one needs, it is
    repeated with the music divided among the phases.
    """
    unknown = not pool.session.strict
    found = solved(problem_of(pool, pool.allowed()), effort)
    if unknown and (found is None or unwelcome_words(pool, found.solution.path)):
        other = solved(problem_of(pool, pool.allowed(unknown_voice=True)), effort)
        if other is not None and (found is None or other.solution.cost < found.solution.cost):
            return other
    if found is not None:
        return found
    slack = tolerances(pool)
    if lacks(pool, unknown_voice=unknown, slack=slack):
        return None
    allowed = pool.allowed(unknown_voice=unknown)
    for spare in SPARES[::-1]:
        own = dealt(pool, (), unknown_voice=unknown, slack=slack, spare=spare)
        found = solved(problem_of(pool, own), effort, whole=False)
        if found is not None:
            return found
    for factor in WIDENING:
        found = solved(problem_of(pool, allowed, factor), effort)
        if found is not None:
            return _nearer(pool, allowed, factor, effort) or found
    return None


def unwelcome_words(pool: Pool, path: Iterable[tuple[int, int]]) -> bool:
    """Whether a path of (phase, row of the pool) pairs uses a phase's share of words."""
    words = VOCALS_RANK["words"]
    return any(pool.rules.beyond[p, row] and pool.table.vocals[row] == words for p, row in path)


def _nearer(pool: Pool, allowed: Mask, factor: float, effort: Effort) -> Attempt | None:
    """Try hard for a plan within less than `factor` times the tolerances: people hear a far miss."""
    if effort is not EFFORTS["normal"] or factor <= WIDENING[1]:
        return None
    for less in WIDENING[:2]:
        found = solved(problem_of(pool, allowed, less), EFFORTS["proof"])
        if found is not None:
            return found
    return None


def solved(problem: Problem, effort: Effort, *, whole: bool = True) -> Attempt | None:
    """The problem's solution; if not `whole`, its certificate says that music was left out."""
    pool = problem.pool
    if not supplied(problem):
        return None
    solution = solve(problem, enough(effort, problem), several=pool.session.seed is not None)
    if solution is None:
        return None
    if not whole:
        solution = replace(solution, proof=replace(solution.proof, every=False, dealt=True))
    return Attempt(pool, problem, solution)


def problem_of(
    pool: Pool, allowed: Mask, factor: float = 1.0, bending: Floats | None = None, *, share: float = 0.5
) -> Problem:
    """The problem with the tolerances of the template times `factor`, at most a `share` of each phase."""
    most = [max(60.0 * share * phase.minutes.default, 1.0) for phase in pool.arc.phases]
    slack = [min(own * factor, at_most) for own, at_most in zip(tolerances(pool), most, strict=True)]
    surcharge = np.zeros(allowed.shape)
    if bending is not None:
        surcharge += BENT * bending
    return Problem(pool, allowed, surcharge, tuple(most if math.isinf(factor) else slack))


def supplied(problem: Problem) -> bool:
    """Whether each phase has enough minutes at all; a quick check before any search."""
    steps = problem.pool.steps()
    lengths = np.diff(problem.pool.arc.bounds)
    have = np.array([steps[row].sum() for row in problem.allowed])
    return bool((have >= lengths - np.array(problem.slack)).all())


def enough(effort: Effort, problem: Problem) -> Effort:
    """The effort, raised to consider enough tracks to fill the session."""
    steps = problem.pool.steps()[problem.allowed.any(axis=0)]
    needed = math.ceil(SPARE_COLUMNS * problem.pool.arc.end / max(float(np.median(steps)), 1.0))
    if needed <= effort.columns:
        return effort
    return replace(effort, columns=needed, rated=max(effort.rated, 2 * needed))


def tolerances(pool: Pool) -> list[float]:
    """Seconds by which each phase's end may miss its target."""
    return [tolerance_of(pool.session, phase) for phase in pool.arc.phases]
