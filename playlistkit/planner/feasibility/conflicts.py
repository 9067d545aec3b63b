"""Why there is no plan: what the library lacks, or which rules conflict.

If there are enough minutes, a few things are given up in turn until there is a plan: a limit on joins, the ends of phases,
the rules on artists, a pin. That plan is the proof, and says in numbers what would have to be allowed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from playlistkit.credits import Credits
from playlistkit.facts import conflicts as facts
from playlistkit.model import Candidate, Diagnosis, JoinRules, Phase, Pin, Session, Shortfall, Slot
from playlistkit.objective import judge, tolerance_of
from playlistkit.planner.feasibility.attempt import (
    WIDENING,
    WhyNot,
    enough,
    problem_of,
    supplied,
    tolerances,
    unbent,
)
from playlistkit.planner.feasibility.diagnosis import diagnose
from playlistkit.planner.feasibility.supply import lacks
from playlistkit.planner.problem.instance import Limits
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.slots import laid_out, phases_of
from playlistkit.planner.search.solve import EFFORTS, Solution, solve

__all__ = ["explain", "fills", "why_not"]

LOOSER_JOINS = (1.5, 3.0)
"""Factors on the limits of joins, tried in turn, to find a conflict."""

LOUDNESS = ("loudness_up", "loudness_down")

LONG_MISS = 120.0
"""Seconds; where the nearest plan ends a phase farther off, lengths may not be the cause."""

TRACKS_TOLD = 4
"""Up to this many tracks, a message about a phase lists their lengths."""


def explain(session: Session, candidates: Sequence[Candidate]) -> Diagnosis:
    """Why `candidates` can't fill the session's template; no shortfalls if they can."""
    pool = Pool.of(session, candidates)
    if unbent(pool, EFFORTS["quick"]) is not None:
        return diagnose(pool, unknown_voice=not session.strict, slack=tolerances(pool))
    return why_not(pool).diagnosis


def fills(session: Session, candidates: Sequence[Candidate]) -> bool:
    """Whether a quick search finds a plan of `candidates` that keeps all rules."""
    pool = Pool.of(session, candidates)
    if lacks(pool, unknown_voice=not session.strict, slack=tolerances(pool)):
        return False
    return unbent(pool, EFFORTS["quick"]) is not None


def why_not(pool: Pool) -> WhyNot:
    """What is lacking or, if there are enough minutes, what conflicts."""
    diagnosis = diagnose(pool, unknown_voice=not pool.session.strict, slack=tolerances(pool))
    if diagnosis.shortfalls:
        return WhyNot(diagnosis)
    for way in _ways_out(pool):
        solution = _quick(way.problem)
        if solution is not None:
            told, nearest = _to_blame(pool, way, solution)
            shortfalls = _conflict(pool, told, nearest)
            # never break a pin, the therapist's word, or the limits on joins: no best effort is worth a jolt
            bent = next((each for each in (told, way) if each.is_bendable), None)
            return WhyNot(replace(diagnosis, shortfalls=shortfalls), None if bent is None else bent.problem)
    longest = max(pool.arc.phases, key=lambda each: each.minutes.default)
    shortfall = Shortfall(longest.name, 0.0, "supply", facts.NoOrder())
    return WhyNot(replace(diagnosis, shortfalls=(shortfall,)))


@dataclass(frozen=True, slots=True, eq=False)
class _WayOut:
    """A problem without a possible cause of the conflict."""

    problem: Problem
    given_up: tuple[Literal["join", "duration", "artist"], ...] = ()
    pin: Pin | None = None
    """The pin taken out."""

    @property
    def is_bendable(self) -> bool:
        """Whether best effort may take it."""
        return self.pin is None and "join" not in self.given_up


def _quick(problem: Problem) -> Solution | None:
    """A plan of the problem, by a quick search."""
    return solve(problem, enough(EFFORTS["quick"], problem)) if supplied(problem) else None


def _to_blame(pool: Pool, way: _WayOut, solution: Solution) -> tuple[_WayOut, Solution]:
    """The way out to tell, with its plan: another one, if lengths alone would miss a phase's end by minutes.

    Then lengths are not the cause if the phases end on time with other rules given up.
    """
    if way.given_up != ("duration",):
        return way, solution
    slots = laid_out(
        pool.session, pool.arc, [(p, way.problem.pool.candidates[row]) for p, row in solution.path]
    )
    if max(abs(each.residual) for each in phases_of(pool.arc, slots)) <= LONG_MISS:
        return way, solution
    any_artist = Limits.of(pool.session.template.rules).any_artist()
    joins = pool.session.template.rules.join
    on_time = problem_of(pool, way.problem.allowed, WIDENING[-1])
    looser = (_looser_joins(joins, LOUDNESS, factor) for factor in LOOSER_JOINS)
    others = [
        _WayOut(replace(on_time, limits=any_artist), ("artist",)),
        *(
            _WayOut(replace(on_time, limits=replace(any_artist, join=join)), ("join", "artist"))
            for join in (*looser, None)
        ),
    ]
    found = ((each, _quick(each.problem)) for each in others)
    return next(((each, plan) for each, plan in found if plan is not None), (way, solution))


def _ways_out(pool: Pool) -> Iterator[_WayOut]:
    """Possible causes of the conflict, mildest first, each with the problem without it."""
    session, widest = pool.session, WIDENING[-1]
    kept = Limits.of(session.template.rules)
    any_order = replace(kept, join=None)

    def without(limits: Limits, factor: float, own: Pool = pool) -> Problem:
        problem = problem_of(own, own.allowed(unknown_voice=not session.strict), factor)
        return replace(problem, limits=limits)

    for factor in LOOSER_JOINS:
        for names in (LOUDNESS, ("energy_step",)):
            looser = replace(kept, join=_looser_joins(session.template.rules.join, names, factor))
            yield _WayOut(without(looser, widest), ("join",))
    yield _WayOut(without(any_order, widest), ("join",))
    yield _WayOut(without(kept, math.inf), ("duration",))
    yield _WayOut(without(kept.any_artist(), widest), ("artist",))
    for k, pin in enumerate(session.pins):
        others = replace(session, pins=(*session.pins[:k], *session.pins[k + 1 :]))
        yield _WayOut(without(kept, widest, Pool.of(others, pool.candidates)), pin=pin)
    yield _WayOut(without(any_order, math.inf), ("join", "duration"))
    yield _WayOut(without(any_order.any_artist(), math.inf), ("join", "duration", "artist"))


def _looser_joins(join: JoinRules, names: Sequence[str], factor: float) -> JoinRules:
    """The rules with some limits on joins multiplied by `factor`."""
    limits = {f"{name}_limit": getattr(join, f"{name}_limit") * factor for name in names}
    return replace(join, **limits)


def _conflict(pool: Pool, way: _WayOut, solution: Solution) -> tuple[Shortfall, ...]:
    """The conflict, from the rules that the relaxed plan breaks."""
    candidates = way.problem.pool.candidates
    slots = laid_out(pool.session, pool.arc, [(p, candidates[row]) for p, row in solution.path])
    reached = cache(lambda: _reached(pool))  # takes a search for each phase: only if it is told
    found: list[Shortfall | None] = []
    if way.pin is not None:
        found.append(_pin_conflict(pool, way.pin))
    if "join" in way.given_up:
        found.append(_join_conflict(pool, slots, reached))
    if "duration" in way.given_up:
        found += _length_conflicts(pool, way.problem, slots)
    if "artist" in way.given_up:
        found.append(_artist_conflict(pool, slots, reached))
    return tuple(each for each in found if each is not None)


def _reached(pool: Pool) -> facts.Reached:
    """How far the session can be planned with every rule kept."""
    count = _phases_planned(pool)
    phase = pool.arc.phases[max(count - 1, 0)].name
    return facts.Reached(phase, float(pool.arc.bounds[count]) / 60.0, pool.arc.end / 60.0)


def _phases_planned(pool: Pool) -> int:
    """How many phases, from the first on, can be planned by themselves with every rule kept."""
    session, phases = pool.session, pool.arc.phases
    for count in range(1, len(phases)):
        template = replace(session.template, phases=phases[:count])
        names, end = {phase.name for phase in phases[:count]}, float(pool.arc.bounds[count])
        pins = tuple(
            pin
            for pin in session.pins
            if (pin.phase is None or pin.phase in names) and (pin.time is None or pin.time < end)
        )
        part = Pool.of(replace(session, template=template, pins=pins), pool.candidates)
        problem = problem_of(part, part.allowed(unknown_voice=not session.strict), WIDENING[-1])
        if not supplied(problem) or solve(problem, enough(EFFORTS["quick"], problem)) is None:
            return count - 1
    return len(phases) - 1


def _join_conflict(
    pool: Pool, slots: Sequence[Slot], reached: Callable[[], facts.Reached]
) -> Shortfall | None:
    """The limits that joins exceed, by how much and where."""
    rules = pool.session.template.rules.join
    joins = judge(pool.session, slots).joins
    looked = {
        "loudness_up_limit": [each.loudness_step or 0.0 for each in joins],
        "loudness_down_limit": [-(each.loudness_step or 0.0) for each in joins],
        "energy_step_limit": [each.energy_step or 0.0 for each in joins],
        "silence_limit": [each.silence for each in joins],
    }
    found = []
    for name, steps in looked.items():
        limit = getattr(rules, name)
        passed = [k for k, step in enumerate(steps) if step > limit + 1e-9]
        if passed:
            k = max(passed, key=lambda each: steps[each])
            found.append(facts.JoinPassed(name, steps[k], limit, slots[k + 1].phase, len(passed)))
    if not found:
        return None
    conflict = facts.JoinConflict(tuple(found), reached(), pool.session.player != "files")
    return Shortfall(found[-1].phase, _minutes_lacking(reached()), "join", conflict)


def _minutes_lacking(reached: facts.Reached) -> float:
    """The minutes that can't be planned with the rule kept."""
    return reached.wanted - reached.minutes


def _length_conflicts(pool: Pool, problem: Problem, slots: Sequence[Slot]) -> list[Shortfall]:
    """The phases whose ends are missed by more than the widest tolerance."""
    found = []
    for planned in phases_of(pool.arc, slots):
        p, phase = next(each for each in enumerate(pool.arc.phases) if each[1].name == planned.name)
        tolerance = tolerance_of(pool.session, phase)
        if abs(planned.residual) <= tolerance + 1e-6:
            continue
        lengths = sorted((pool.table.duration[problem.allowed[p]] / 60.0).tolist())
        conflict = facts.LengthConflict(
            phase.name,
            phase.minutes.default,
            planned.residual,
            tolerance,
            tuple(lengths) if len(lengths) <= TRACKS_TOLD else (),
            _other_minutes(phase, planned.residual),
        )
        found.append(Shortfall(phase.name, max(0.0, -planned.residual) / 60.0, "duration", conflict))
    return found


def _other_minutes(phase: Phase, residual: float) -> float | None:
    """The minutes to ask for instead, if the template allows them."""
    wanted = round(phase.minutes.default + residual / 60.0, 1)
    return wanted if phase.minutes.least <= wanted <= phase.minutes.most else None


def _artist_conflict(
    pool: Pool, slots: Sequence[Slot], reached: Callable[[], facts.Reached]
) -> Shortfall | None:
    """The artists who would have to play more often, or twice running."""
    rules = pool.session.template.rules
    credited = Credits(slot.track for slot in slots)
    people = [credited.people(slot.track) for slot in slots]
    played = Counter(name for names in people for name in sorted(names))
    together = [
        k
        for k in range(1, len(slots))
        if people[k] & people[k - 1] and not _phase_of(pool, slots[k]).album_runs
    ]
    often = running = None
    where = slots[0].phase
    for most, times in played.most_common(1):
        if times > rules.artist_max:
            often = credited.spelled([most]), times, rules.artist_max
            where = next(slot.phase for slot, names in zip(slots, people, strict=True) if most in names)
    if together:
        first = together[0]
        where = slots[first].phase
        phases = tuple(dict.fromkeys(slots[k].phase for k in together))
        running = credited.spelled(people[first] & people[first - 1]), phases
    if often is None and running is None:
        return None
    conflict = facts.ArtistConflict(often, running, reached())
    return Shortfall(where, _minutes_lacking(reached()), "artist", conflict)


def _pin_conflict(pool: Pool, pin: Pin) -> Shortfall:
    """The pin that prevents a plan."""
    row = next(row for row in pool.pinned if pool.candidates[row].track.id == pin.track)
    title, phase = pool.candidates[row].track.title or pin.track, pool.pinned[row]
    name = pool.arc.phases[phase or 0].name
    if pin.time is not None:
        return Shortfall(name, 0.0, "pin", facts.PinConflict(title, name, "time", pin.time / 60))
    return Shortfall(
        name, 0.0, "pin", facts.PinConflict(title, name, "anywhere" if phase is None else "phase")
    )


def _phase_of(pool: Pool, slot: Slot) -> Phase:
    return next(each for each in pool.arc.phases if each.name == slot.phase)
