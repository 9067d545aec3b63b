"""What is computed while a session runs, so that the rest can be replanned at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from playlistkit.arguments import checks_arguments
from playlistkit.blas import one_thread
from playlistkit.model import Candidate, Plan, Session
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.labelling import load
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import Effort, solve
from playlistkit.planner.sessions.changes import GENTLER, lowered

__all__ = ["Prepared", "prepare"]

AT_LEISURE = Effort(400, 110, 24, (Rung(20, 1, Width(20, 1)),))


@dataclass(frozen=True, slots=True)
class Prepared:
    """The most useful tracks for the rest of a session, and their charges.

    A plain value: it can be pickled, and is valid as long as the plan.
    """

    candidates: tuple[Candidate, ...]
    charges: Mapping[str, float]
    """Points by track id: how much several places compete for it."""


@one_thread()
@checks_arguments
def prepare(plan: Plan, candidates: Iterable[Candidate]) -> Prepared:
    """Prepare `replan` so that it can answer at once; takes about a second.

    Plans the session as it is and one with a gentler curve; keeps the tracks that do best in either, the
    plan's own and its reserves.

    Parameters
    ----------
    plan : Plan
    candidates : sequence of Candidate
        The library.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> with pk.Library("music.db") as library:
    ...     ready = pk.prepare(plan, library.candidates())
    >>> len(ready.candidates) <= 18
    True
    """
    candidates = Candidates.given(candidates)
    load()
    kept = {slot.track.id for slot in (*plan.slots, *plan.tail)}
    kept |= {each.track.id for ready in plan.reserves.values() for each in ready}
    charges: dict[str, float] = {}
    for session in (_lowered(plan.session), plan.session):
        pool = Pool.of(session, candidates)
        problem = problem_of(pool, pool.allowed(unknown_voice=not session.strict), 1.0)
        solution = solve(problem, AT_LEISURE)
        if solution is None:
            continue
        for row in solution.columns:
            kept.add(pool.candidates[row].track.id)
        recording = solution.multipliers.recording[solution.instance.groups]
        for row, charge in zip(solution.rows, recording, strict=True):
            if charge > 0:
                charges[pool.candidates[row].track.id] = float(charge)
    return Prepared(Candidates(each for each in candidates if each.track.id in kept), charges)


def _lowered(session: Session) -> Session:
    """The session with its whole curve gentler."""
    phases = tuple(lowered(phase, GENTLER) for phase in session.template.phases)
    return replace(session, template=replace(session.template, phases=phases))
