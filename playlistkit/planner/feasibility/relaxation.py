"""The best plan that breaks rules, if the library can't fill the template otherwise.

Rules that matter least to the client are relaxed first, as little and in as few places as possible: every rule that may be relaxed
(`template.relaxing`) has a weight, and each minute of a track that breaks it is charged by that weight and by how far it does.
The floors (`objective.FLOORS`), the limits on joins and the exclusions are never relaxed. If only they are left, the
session becomes shorter in the phases that lack music.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.facts.warned import Shorter
from playlistkit.model import Minutes, Rule, Session, Slot
from playlistkit.objective import Judgement, findings
from playlistkit.planner.feasibility.attempt import (
    SPARES,
    WIDENING,
    Attempt,
    WhyNot,
    enough,
    problem_of,
    solved,
    tolerances,
)
from playlistkit.planner.feasibility.supply import Supply, dealt, mildest, relaxed
from playlistkit.planner.problem.instance import Limits
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.search.solve import EFFORTS, Effort
from playlistkit.template.relaxing import RELAXABLE, every_rule

__all__ = ["bent", "marked", "relaxations"]

ORDINARY = 3.0
"""The weight at which a violation is charged once."""

ENERGY_STEP = 0.10
"""Energy beyond a limit that adds one more charge."""

LEAST_SHARE = 0.5
"""Least share of the planned minutes; anything shorter is not a session."""

SHORTER = (0.95, 0.85, 0.7)
"""Shares of the available minutes, tried in turn: joins and lengths use up some of them."""

LEAST_PHASE = 5.0
"""Shortest phase in minutes; anything shorter is left out."""


def bent(pool: Pool, effort: Effort, why: WhyNot) -> Attempt | None:
    """The best plan under the mildest relaxation that has one; `None` if no session is sound.

    Whether a plan exists is checked quickly, first with music divided among the phases, then with all of it: there may be
    half a dozen such checks. Only then does the search for the best one start.
    """
    quick = EFFORTS["quick"]
    ways = [(why.way_out, why.way_out)] if why.way_out is not None else relaxations(pool)
    for dealt_out, whole in ways:
        found = solved(dealt_out, quick, whole=dealt_out is whole)
        if found is None and dealt_out is not whole:
            found = solved(whole, quick)
        if found is None:
            continue
        if enough(effort, whole) == effort:  # else the session is too long for more than a quick check
            better = solved(whole, effort)
            if better is not None and _steered(better) <= _steered(found):
                found = better
        return replace(found, pool=pool, bent=True, shortfalls=why.diagnosis.shortfalls)
    return _shorter(pool, effort, why)


def _steered(attempt: Attempt) -> float:
    return attempt.solution.cost + attempt.solution.surcharge


def relaxations(pool: Pool) -> Iterator[tuple[Problem, Problem]]:
    """The named rules with ever more room, then all that may be relaxed, then earlier and later ends of phases.

    Each gives two problems: the music divided among the phases, and all that the rules admit.
    """
    unknown_voice = not pool.session.strict
    slack = tolerances(pool)
    every = every_rule(pool.arc.phases)
    for spare in SPARES:
        rules = mildest(pool, unknown_voice=unknown_voice, slack=slack, spare=spare)
        if rules is not None:
            yield _without(pool, rules, spare)
    yield _without(pool, every, SPARES[-1])
    # in small steps: where an end may move far, a quick search moves it farther than it has to
    for factor in (*WIDENING[1:], 2 * WIDENING[-1], math.inf):
        yield _without(pool, every, SPARES[-1], factor)


def _without(pool: Pool, rules: Sequence[Rule], spare: float, factor: float = 1.0) -> tuple[Problem, Problem]:
    """The problem in which some rules may be broken at a charge: with music divided, and with all of it."""
    unknown_voice = not pool.session.strict
    kept = Limits.of(pool.session.template.rules)
    limits = kept.any_artist() if Rule("", "artist") in rules else kept
    allowed = relaxed(pool, rules, unknown_voice=unknown_voice)
    bending = _harm(pool, rules) * (allowed & ~pool.allowed(unknown_voice=unknown_voice))
    whole = replace(problem_of(pool, allowed, factor, bending), limits=limits)
    own = dealt(pool, rules, unknown_voice=unknown_voice, slack=tolerances(pool), spare=spare)
    return replace(whole, allowed=own), whole


def _harm(pool: Pool, rules: Collection[Rule]) -> NDArray[np.float64]:
    """The charge of each track for breaking rules, by weight and extent [shape=(P, N)]."""
    harm = np.zeros((len(pool.arc.phases), len(pool.table)))
    minutes, lengths = pool.table.duration / 60.0, pool.session.template.rules.track_minutes
    for p, phase in enumerate(pool.arc.phases):
        for name in sorted(
            {rule.name for rule in rules if rule.phase in ("", phase.name)} & pool.rules.kept.keys()
        ):
            farther = np.zeros(len(pool.table))
            if name == "energy":
                low, high = pool.arc.band(phase)
                energy = pool.heard[p].energy
                farther = np.maximum(low - energy, energy - high) / ENERGY_STEP
            elif name == "track_minutes":
                over = minutes / (lengths.high or math.inf)
                farther = np.log2(np.maximum(over, (lengths.low or 0.0) / minutes))
            weight = RELAXABLE[name].weight / ORDINARY
            harm[p] += weight * (1.0 + np.nan_to_num(np.maximum(farther, 0.0))) * ~pool.rules.kept[name][p]
    return harm


def _shorter(pool: Pool, effort: Effort, why: WhyNot) -> Attempt | None:
    """A shorter session that keeps the floors, each phase with the music available."""
    every = every_rule(pool.arc.phases)
    linear = Supply(pool, not pool.session.strict, tolerances(pool))
    have = linear.needed - linear.shortage(every)
    if have.sum() < LEAST_SHARE * linear.needed.sum() or pool.session.pins:
        return None
    for share in SHORTER:
        minutes = np.where(have < linear.needed - 0.5, np.floor(share * have), linear.needed)
        minutes[minutes < LEAST_PHASE] = 0.0
        if minutes.sum() < LEAST_SHARE * linear.needed.sum():
            return None
        smaller = Pool.of(_with_minutes(pool, minutes.tolist()), pool.candidates)
        for dealt_out, whole in relaxations(smaller):
            found = solved(dealt_out, EFFORTS["quick"], whole=False) or solved(whole, effort)
            if found is not None:
                told = (_shortened(pool, minutes.tolist()),)
                return replace(found, bent=True, shortfalls=why.diagnosis.shortfalls, told=told)
    return None


def _with_minutes(pool: Pool, minutes: Sequence[float]) -> Session:
    """The session with these minutes in its phases."""
    lengths = dict(zip((phase.name for phase in pool.arc.phases), minutes, strict=True))
    phases = tuple(
        replace(phase, minutes=Minutes(wanted, min(wanted, phase.minutes.least), phase.minutes.most))
        for phase in pool.session.template.phases
        if (wanted := lengths.get(phase.name, phase.minutes.default)) > 0
    )
    return replace(pool.session, template=replace(pool.session.template, phases=phases))


def _shortened(pool: Pool, minutes: Sequence[float]) -> Shorter:
    phases = [
        (phase.name, wanted, phase.minutes.default)
        for phase, wanted in zip(pool.arc.phases, minutes, strict=True)
        if wanted < phase.minutes.default
    ]
    return Shorter(sum(minutes), pool.arc.end / 60, tuple(phases))


def marked(session: Session, slots: Sequence[Slot], judgement: Judgement) -> tuple[Slot, ...]:
    """The slots, judged, each with the rules it breaks, in words."""
    told: dict[int, list[str]] = {k: [] for k in range(len(slots))}
    for finding in findings(session, slots, judgement=judgement, wishes=False):
        if finding.where.kind == "track" and finding.breaks:
            told[finding.where.number - 1].append(finding.text)
        elif finding.where.kind == "join" and finding.breaks:
            told[finding.where.number].append(finding.text)
    return tuple(replace(slot, bends=tuple(told[k])) for k, slot in enumerate(slots))
