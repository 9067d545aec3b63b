"""`plan`: from a session and its candidates to a plan, or to what is lacking."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Candidate, Plan, Reserve, Session, Shortfall, Slot
from playlistkit.objective import WEIGHTS, findings, judge, tolerance_of
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.planner.assemble import laid_out, phases_of
from playlistkit.planner.explain import Diagnosis, Rule, diagnose, relaxed
from playlistkit.planner.pool import Pool
from playlistkit.planner.reasons import explained, warnings_of
from playlistkit.planner.reserves import FALLBACK_SECONDS, GROUNDING_NOW, reserves, tail
from playlistkit.planner.solve import EFFORTS, Effort, Problem, Solution, solve

__all__ = ["WIDENING", "plan", "problem_of"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WIDENING = (2.0, 4.0, 8.0, 16.0)
"""Where the tracks' lengths alone clash, the boundaries' tolerance is widened by these factors in turn."""

BENT_WIDENING = ((1.0, 0.5), (4.0, 0.5), (math.inf, 0.5), (math.inf, 0.95))
"""Under `best_effort`: factors on the tolerance in turn, each with the share of a phase that bounds it."""

BENT = 60.0
"""Points that a whole session of tracks that bend a rule would cost: rules are bent as little as can be."""

EffortName = Literal["quick", "normal", "proof"]


def plan(session: Session, candidates: Sequence[Candidate], *, effort: EffortName = "normal") -> Plan:
    """The best session found for a template, from a library.

    Parameters
    ----------
    session : Session
        The template with today's choices.
    candidates : sequence of Candidate
        The library. Their order matters only between plans of equal score.
    effort : {"quick", "normal", "proof"}
        How long to search, counted in steps: the same input gives the same plan on every machine.

    Raises
    ------
    ShortfallError
        If the library can't fill the template and the session is not `best_effort`, or nothing at all can be
        planned.
    InputError
        If a pin names no candidate or phase, or the template has no minutes.
    """
    if effort not in EFFORTS:
        raise InputError(f"effort {effort!r}: it is one of {', '.join(EFFORTS)}")
    if not any(phase.minutes.default > 0 for phase in session.template.phases):
        raise InputError(f"{session.template.name!r} has no phase with minutes")
    pool = Pool.of(session, candidates)
    attempt = _attempt(pool, EFFORTS[effort])
    if attempt is None:
        diagnosis = _diagnosis(pool)
        if not session.best_effort:
            raise ShortfallError(diagnosis.shortfalls)
        attempt = _bent(pool, EFFORTS[effort], diagnosis)
        if attempt is None:
            raise ShortfallError(diagnosis.shortfalls)
    return _plan_of(attempt, session)


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    pool: Pool
    problem: Problem
    solution: Solution
    bent: tuple[Rule, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


def _attempt(pool: Pool, effort: Effort) -> _Attempt | None:
    """Known voices first, then unknown ones, then wider boundaries; `None` where the supply is short."""
    tries = [(False, 1.0)]
    if not pool.session.strict:
        tries.append((True, 1.0))
    tries += [(not pool.session.strict, factor) for factor in WIDENING]
    for unknown_voice, factor in tries:
        problem = problem_of(pool, pool.allowed(unknown_voice=unknown_voice), factor)
        if _supplied(problem):
            solution = solve(problem, effort, several=pool.session.seed is not None)
            if solution is not None:
                return _Attempt(pool, problem, solution)
    return None


def problem_of(
    pool: Pool, allowed: Mask, factor: float, bent: Mask | None = None, *, share: float = 0.5
) -> Problem:
    """The problem with the tolerances of the template times `factor`, at most a `share` of each phase."""
    slack = tuple(
        min(tolerance_of(pool.session, phase) * factor, max(60.0 * share * phase.minutes.default, 1.0))
        for phase in pool.arc.phases
    )
    return Problem(pool, allowed, _extra(pool, bent), slack)


def _extra(pool: Pool, bent: Mask | None) -> Floats:
    """Points for a whole session of each track in each phase: keep, unknown voice, bent rules."""
    phases, n = len(pool.arc.phases), len(pool.table)
    extra = np.zeros((phases, n))
    if any(each.keep for each in pool.candidates):
        extra += WEIGHTS.keep * np.array([not each.keep for each in pool.candidates])
    extra += WEIGHTS.voice * (pool.rules.unknown_voice & (pool.table.vocals == VOCALS_RANK["unknown"]))
    if bent is not None:
        extra += BENT * bent
    return extra


def _supplied(problem: Problem) -> bool:
    """Whether each phase has enough minutes at all; a quick look before any search."""
    steps = problem.pool.steps()
    lengths = np.diff(problem.pool.arc.bounds)
    have = np.array([steps[row].sum() for row in problem.allowed])
    return bool((have >= lengths - np.array(problem.slack)).all())


def _diagnosis(pool: Pool) -> Diagnosis:
    """What is lacking; where minutes suffice and yet nothing fits, joins or lengths are to blame."""
    slack = [tolerance_of(pool.session, phase) for phase in pool.arc.phases]
    diagnosis = diagnose(pool, unknown_voice=not pool.session.strict, slack=slack)
    if diagnosis.shortfalls:
        return diagnosis
    phase = max(pool.arc.phases, key=lambda each: each.minutes.default)
    problem = problem_of(pool, pool.allowed(unknown_voice=not pool.session.strict), WIDENING[-1])
    if solve(replace(problem, free=True), EFFORTS["quick"]) is not None:
        text = (
            "The library holds enough minutes for each phase, but no order of its tracks keeps the limits on "
            "loudness and energy steps at the joins. Allow larger steps, or add music between."
        )
        short = Shortfall(phase.name, 0.0, "join", text)
    else:
        text = (
            "The library holds enough minutes for each phase, but no combination of its tracks keeps the phases' "
            "ends, the artists' rules and the pins together. Widen boundary_tolerance, allow more of an artist, "
            "or drop a pin."
        )
        short = Shortfall(phase.name, 0.0, "duration", text)
    return replace(diagnosis, shortfalls=(short,))


def _bent(pool: Pool, effort: Effort, diagnosis: Diagnosis) -> _Attempt | None:
    """The best plan under the mildest relaxation: named rules, then joins, then lengths, then artists."""
    rules = list(diagnosis.relaxation) if diagnosis.relaxation is not None else _all_rules(pool)
    unknown_voice = not pool.session.strict
    for give in (rules, _all_rules(pool)):
        loose = pool
        if any(rule.name == "artist" for rule in give):
            loose = Pool.of(_any_artist(pool.session), pool.candidates)
        allowed = relaxed(loose, give, unknown_voice=unknown_voice)
        bent = allowed & ~pool.allowed(unknown_voice=unknown_voice)
        for free in (False, True):
            for factor, share in BENT_WIDENING:
                problem = replace(problem_of(loose, allowed, factor, bent, share=share), free=free)
                # whether there is any plan is asked quickly: there may be a dozen of these questions
                solution = solve(problem, EFFORTS["quick"]) if _supplied(problem) else None
                if solution is not None:
                    solution = solve(problem, effort) or solution
                    return _Attempt(pool, problem, solution, tuple(give), diagnosis.shortfalls)
    return None


def _all_rules(pool: Pool) -> list[Rule]:
    names = ("energy", "vocals", "loudness_range", "brightness", "percussiveness", "last_session")
    return [Rule(phase.name, name) for phase in pool.arc.phases for name in names] + [
        Rule("", name) for name in ("track_minutes", "used", "artist")
    ]


def _any_artist(session: Session) -> Session:
    """The session without the rules on artists."""
    template = session.template
    phases = tuple(replace(phase, album_runs=True) for phase in template.phases)
    rules = replace(template.rules, artist_max=10_000)
    return replace(session, template=replace(template, phases=phases, rules=rules))


def _plan_of(attempt: _Attempt, session: Session) -> Plan:
    pool, solution = attempt.pool, attempt.solution
    path = _chosen(solution, session)
    candidates = [pool.candidates[row] for _, row in path]
    slots = laid_out(session, pool.arc, [(p, each) for (p, _), each in zip(path, candidates, strict=True)])
    taken = {row for _, row in path}
    allowed = attempt.problem.allowed
    after = tail(pool, allowed, slots, taken)
    if not after:
        slots = (*slots[:-1], replace(slots[-1], overlap=0.0))
    else:
        after = (*after[:-1], replace(after[-1], overlap=0.0, reason=""))
    in_tail = (
        {row for row, each in enumerate(pool.candidates) if each.track.id in {s.track.id for s in after}}
        if after
        else set()
    )
    kept = frozenset(each.track.id for each in pool.candidates if each.keep)
    judgement = judge(session, slots, kept)
    titles = {row: pool.candidates[row].track.title or pool.candidates[row].track.id for row in solution.rows}
    slots = explained(
        slots,
        judgement,
        session,
        solution.instance,
        solution.local(path),
        [titles[row] for row in solution.rows],
    )
    if attempt.bent:
        slots = _marked(session, slots)
    phases = phases_of(pool.arc, slots)
    ready = reserves(pool, pool.allowed(), slots, taken, in_tail)
    return Plan(
        name=session.name or session.template.name,
        session=session,
        phases=phases,
        slots=slots,
        reserves=ready,
        tail=tuple(
            replace(slot, reason=slot.reason or "After the end: gentle, so that it never falls silent.")
            for slot in after
        ),
        shortfalls=attempt.shortfalls,
        warnings=(*pool.warnings, *warnings_of(session, slots, phases), *_spare(session, after, ready)),
        score=judgement.score,
        certificate=solution.certificate,
    )


def _chosen(solution: Solution, session: Session) -> tuple[tuple[int, int], ...]:
    """The best path, or with a seed one of those within a hundredth of it."""
    if session.seed is None:
        return solution.path
    return random.Random(session.seed).choice(solution.others)  # noqa: S311 - repeatable on purpose


def _marked(session: Session, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots with the rules that each bends, in words."""
    told: dict[int, list[str]] = {k: [] for k in range(len(slots))}
    for finding in findings(session, slots):
        where, _, number = finding.where.partition(" ")
        if where == "track":
            told[int(number) - 1].append(finding.text)
        elif where == "join" and "(passed)" in finding.text:
            told[int(number)].append(finding.text)
    return tuple(replace(slot, bends=tuple(told[k])) for k, slot in enumerate(slots))


def _spare(
    session: Session, after: Sequence[Slot], ready: Mapping[str, Sequence[Reserve]]
) -> tuple[str, ...]:
    """What the tail and the fallback set lack."""
    told = []
    wanted = session.template.rules.tail_minutes
    have = sum(slot.duration - slot.overlap for slot in after) / 60.0
    if wanted and have < wanted - 0.5:
        told.append(f"The tail after the end has {have:.0f} of {wanted:g} min: no more gentle music is left.")
    calm = sum(each.track.duration for each in ready[GROUNDING_NOW]) / 60.0
    if calm < FALLBACK_SECONDS / 60 - 0.5:
        told.append(
            f"The set for grounding now has {calm:.0f} of {FALLBACK_SECONDS / 60:g} min: no more quiet, even music "
            "without voice is left."
        )
    return tuple(told)
