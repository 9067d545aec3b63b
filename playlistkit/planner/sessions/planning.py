"""`plan`: from a session and its candidates to a plan, or to a shortfall."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Literal

from playlistkit.arguments import checks_arguments
from playlistkit.blas import one_thread
from playlistkit.errors import InputError, ShortfallError
from playlistkit.handmade import session_given
from playlistkit.model import Candidate, Plan, Session, Slot
from playlistkit.objective import Judgement
from playlistkit.planner.feasibility.attempt import Attempt, unbent
from playlistkit.planner.feasibility.conflicts import why_not
from playlistkit.planner.feasibility.relaxation import bent, marked
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out
from playlistkit.planner.search.solve import EFFORTS, Solution
from playlistkit.planner.sessions.completed import completed
from playlistkit.planner.sessions.reasons import explained, told

__all__ = ["EffortName", "plan"]

EffortName = Literal["quick", "normal", "proof"]


@one_thread()
@checks_arguments
def plan(session: Session, candidates: Iterable[Candidate], *, effort: EffortName = "normal") -> Plan:
    r"""The best session found for a template, from a library.

    Parameters
    ----------
    session : Session
        The template with today's choices.
    candidates : sequence of Candidate
        The library. Their order matters only between plans of equal score.
    effort : {"quick", "normal", "proof"}
        How long to search. Counted in steps, so that every machine gives the same plan.

    Raises
    ------
    ShortfallError
        If the library can't fill the template and the session is not `best_effort`, or if nothing at all can be
        planned.
    InputError
        If a pin names no candidate or phase, or the template has no minutes.

    Examples
    --------
    >>> arc = pk.parse_template("name: Short\nphases: [{name: peak, minutes: 8, energy: 0.3}]\nrules: {tail_minutes: 0}")
    >>> music = [
    ...     pk.Candidate(pk.Track(f"t{k}", title=f"Piece {k}", duration=160.0), pk.Features(energy=0.3))
    ...     for k in range(5)
    ... ]
    >>> pk.plan(pk.Session(arc), music).duration
    480.0
    """
    session, candidates = session_given(session), Candidates.given(candidates)
    if not any(phase.minutes.default > 0 for phase in session.template.phases):
        raise InputError(f"{session.template.name!r} has no phase with minutes")
    pool = Pool.of(session, candidates)
    attempt = unbent(pool, EFFORTS[effort])
    if attempt is None:
        why = why_not(pool)
        if session.best_effort:
            attempt = bent(pool, EFFORTS[effort], why)
        if attempt is None:
            raise ShortfallError(why.diagnosis.shortfalls, why.diagnosis)
    return _plan_of(attempt)


def _plan_of(attempt: Attempt) -> Plan:
    pool, solution = attempt.pool, attempt.solution
    session = pool.session
    path, cost = _chosen(solution, session)
    candidates = [pool.candidates[row] for _, row in path]
    slots = laid_out(session, pool.arc, [(p, each) for (p, _), each in zip(path, candidates, strict=True)])
    tracks = [pool.candidates[row].track for row in solution.rows]

    def reasoned(slots: tuple[Slot, ...], judgement: Judgement) -> tuple[Slot, ...]:
        titles = [track.title or track.id for track in tracks]
        known = explained(slots, judgement, session, solution.instance, solution.local(path), titles)
        return marked(session, known, judgement) if attempt.bent else known

    whole = completed(session, pool, slots, reasoned=reasoned, allowed=attempt.problem.allowed)
    score = whole.judgement.score
    return Plan(
        name=session.name or session.template.name,
        session=session,
        phases=whole.phases,
        slots=whole.slots,
        reserves=whole.reserves,
        tail=whole.tail,
        shortfalls=attempt.shortfalls,
        warnings=told(*attempt.told, *whole.warnings),
        score=score,
        certificate=solution.proof.certificate(cost, score.total - cost),
    )


def _chosen(solution: Solution, session: Session) -> tuple[tuple[tuple[int, int], ...], float]:
    """The best path or, with a seed, one within 1 % of it; and its cost."""
    if session.seed is None:
        return solution.path, solution.cost
    return random.Random(session.seed).choice(solution.others)  # noqa: S311 - repeatable on purpose
