"""The best plan under the mildest relaxation that has one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from playlistkit.model import Rule, Session, Slot
from playlistkit.objective import findings
from playlistkit.planner.attempt import SPARES, WIDENING, Attempt, enough, problem_of, solved, tolerances
from playlistkit.planner.clashes import WhyNot
from playlistkit.planner.instance import Limits
from playlistkit.planner.pool import Pool
from playlistkit.planner.relaxable import every_rule
from playlistkit.planner.solve import EFFORTS, Effort, Problem
from playlistkit.planner.supply import dealt, mildest, relaxed

__all__ = ["bent", "marked", "relaxations"]


def bent(pool: Pool, effort: Effort, why: WhyNot) -> Attempt | None:
    """The best plan under the mildest relaxation that has one; `None` where nothing at all can be planned.

    Whether there is any plan is asked quickly, and of music dealt out to the phases: there may be half a dozen of
    these questions. Only then is the best one looked for.
    """
    quick = EFFORTS["quick"]
    ways = [(why.way_out, why.way_out)] if why.way_out is not None else relaxations(pool)
    for dealt_out, whole in ways:
        found = solved(dealt_out, quick, whole=dealt_out is whole)
        if found is None:
            continue
        if enough(effort, whole) == effort:  # else the session is too long for more than a quick look
            better = solved(whole, effort)
            if better is not None and _steered(better) <= _steered(found):
                found = better
        return replace(found, pool=pool, bent=True, shortfalls=why.diagnosis.shortfalls)
    return None


def _steered(attempt: Attempt) -> float:
    return attempt.solution.cost + attempt.solution.surcharge


def relaxations(pool: Pool) -> Iterator[tuple[Problem, Problem]]:
    """Named rules with ever more to spare, then joins and lengths, then whatever there is.

    Each as two problems: the music dealt out to the phases, and all that the rules let in.
    """
    unknown_voice = not pool.session.strict
    slack = tolerances(pool)
    every = every_rule(pool.arc.phases)
    kept = Limits.of(pool.session.template.rules)

    def without(
        rules: Sequence[Rule],
        spare: float,
        factor: float = 1.0,
        share: float = 0.5,
        *,
        any_order: bool = False,
    ) -> tuple[Problem, Problem]:
        limits = kept.any_artist() if Rule("", "artist") in rules else kept
        allowed = relaxed(pool, rules, unknown_voice=unknown_voice)
        bending = allowed & ~pool.allowed(unknown_voice=unknown_voice)
        whole = replace(
            problem_of(pool, allowed, factor, bending, share=share),
            limits=replace(limits, join=None) if any_order else limits,
        )
        own = dealt(pool, rules, unknown_voice=unknown_voice, slack=slack, spare=spare)
        return replace(whole, allowed=own), whole

    for spare in SPARES:
        rules = mildest(pool, unknown_voice=unknown_voice, slack=slack, spare=spare)
        if rules is not None:
            yield without(rules, spare)
    yield without(every, SPARES[-1])
    for factor, share in ((WIDENING[1], 0.5), (math.inf, 0.5), (math.inf, 0.95)):
        yield without(every, SPARES[-1], factor, share, any_order=True)


def marked(session: Session, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots with the rules that each bends, in words."""
    told: dict[int, list[str]] = {k: [] for k in range(len(slots))}
    for finding in findings(session, slots):
        if finding.where.kind == "track":
            told[finding.where.number - 1].append(finding.text)
        elif finding.where.kind == "join" and finding.breaks:
            told[finding.where.number].append(finding.text)
    return tuple(replace(slot, bends=tuple(told[k])) for k, slot in enumerate(slots))
