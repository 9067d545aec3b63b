"""Why there is no plan: what the library lacks, or which rules conflict.

If there are enough minutes, a few things are given up in turn until there is a plan: a limit on joins, the ends of phases,
the rules on artists, a pin. That plan is the proof, and says in numbers what would have to be allowed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from playlistkit.credits import Credits
from playlistkit.figures import beside, number
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
        enough_there = supplied(way.problem)
        solution = solve(way.problem, enough(EFFORTS["quick"], way.problem)) if enough_there else None
        if solution is not None:
            shortfalls = _clash(pool, way, solution)
            # never break a pin, the therapist's word, or the limits on joins: no best effort is worth a jolt
            bendable = way.pin is None and "join" not in way.given_up
            return WhyNot(replace(diagnosis, shortfalls=shortfalls), way.problem if bendable else None)
    longest = max(pool.arc.phases, key=lambda each: each.minutes.default)
    text = (
        "The library holds enough minutes for each phase, but no order of its tracks was found that keeps the rules, "
        "even with wider limits on joins, earlier and later ends of phases and more tracks of one artist. Add "
        "music."
    )
    return WhyNot(replace(diagnosis, shortfalls=(Shortfall(longest.name, 0.0, "supply", text),)))


@dataclass(frozen=True, slots=True, eq=False)
class _WayOut:
    """A problem without a possible cause of the conflict."""

    problem: Problem
    given_up: tuple[Literal["join", "duration", "artist"], ...] = ()
    pin: Pin | None = None
    """The pin taken out."""


def _ways_out(pool: Pool) -> Iterator[_WayOut]:
    """Possible causes of the conflict, mildest first, each with the problem without it."""
    session, widest = pool.session, WIDENING[-1]
    kept = Limits.of(session.template.rules)
    any_order = replace(kept, join=None)

    def without(limits: Limits, factor: float, own: Pool = pool) -> Problem:
        problem = problem_of(own, own.allowed(unknown_voice=not session.strict), factor)
        return replace(problem, limits=limits)

    for factor in LOOSER_JOINS:
        for names in (("loudness_up", "loudness_down"), ("energy_step",)):
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


def _clash(pool: Pool, way: _WayOut, solution: Solution) -> tuple[Shortfall, ...]:
    """The conflict in words, from the rules that the relaxed plan breaks."""
    candidates = way.problem.pool.candidates
    slots = laid_out(pool.session, pool.arc, [(p, candidates[row]) for p, row in solution.path])
    found: list[Shortfall | None] = []
    if way.pin is not None:
        found.append(_pin_clash(pool, way.pin))
    if "join" in way.given_up:
        found.append(_join_clash(pool, slots))
    if "duration" in way.given_up:
        found += _length_clashes(pool, way.problem, slots)
    if "artist" in way.given_up:
        found.append(_artist_clash(pool, slots))
    reached = _phases_planned(pool) if {"join", "artist"} & set(way.given_up) else 0
    return tuple(
        _with_minutes(pool, each, reached) if each.rule in ("join", "artist") else each
        for each in found
        if each is not None
    )


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


def _with_minutes(pool: Pool, shortfall: Shortfall, reached: int) -> Shortfall:
    """The shortfall with the minutes that can't be planned with its rule kept: those after the first phases."""
    lacking = float(pool.arc.end - pool.arc.bounds[reached]) / 60.0
    if not reached:
        told = f"With the rule kept, not even {pool.arc.phases[0].name} could be planned."
    else:
        told = f"With the rule kept, the session reaches the end of {pool.arc.phases[reached - 1].name}"
        told += f", {round(float(pool.arc.bounds[reached]) / 60.0, 1):g} of {round(pool.arc.end / 60.0, 1):g} min."
    return replace(shortfall, minutes=lacking, text=f"{shortfall.text} {told}")


def _join_clash(pool: Pool, slots: Sequence[Slot]) -> Shortfall | None:
    """The limits that joins exceed, by how much and where."""
    rules = pool.session.template.rules.join
    joins = judge(pool.session, slots).joins
    looked = {
        "loudness_up_limit": ([each.loudness_step or 0.0 for each in joins], "{} LU louder", 1, 0.5),
        "loudness_down_limit": ([-(each.loudness_step or 0.0) for each in joins], "{} LU softer", 1, 0.5),
        "energy_step_limit": ([each.energy_step or 0.0 for each in joins], "{} apart in energy", 2, 0.01),
        "silence_limit": ([each.silence for each in joins], "{} s of silence", 0, 1.0),
    }
    told, remedies, worst = [], [], slots[0].phase
    for name, (steps, words, digits, grain) in looked.items():
        limit = getattr(rules, name)
        passed = [k for k, step in enumerate(steps) if step > limit + 1e-9]
        if not passed:
            continue
        k = max(passed, key=lambda each: steps[each])
        worst = slots[k + 1].phase
        times = "once" if len(passed) == 1 else f"{len(passed)} times"
        passing = words.format(beside(steps[k], limit, digits=digits))
        told.append(f"{passing} into {worst} ({number(limit)} is the limit, passed {times})")
        if name == "silence_limit":
            remedies.append("--for render, which plays the sound alone")
        else:
            remedies.append(f"{name}: {math.ceil(steps[k] / grain) * grain:g}")
    if not told:
        return None
    text = (
        "There are enough minutes for each phase, but no order of the tracks was found that keeps the limits on "
        f"joins. The nearest found is {'; '.join(told)}. It would work with {' and '.join(remedies)} in rules: join of "
        "the template, or with music whose loudness and energy lie between."
    )
    return Shortfall(worst, 0.0, "join", text)


def _length_clashes(pool: Pool, problem: Problem, slots: Sequence[Slot]) -> list[Shortfall]:
    """The phases whose ends are missed by more than the widest tolerance."""
    found = []
    for p, planned in enumerate(phases_of(pool.arc, slots)):
        phase = next(each for each in pool.arc.phases if each.name == planned.name)
        tolerance = tolerance_of(pool.session, phase)
        miss = abs(planned.residual)
        if miss <= tolerance + 1e-6:
            continue
        lasting = ""
        lengths = sorted(pool.table.duration[problem.allowed[p]] / 60.0)
        if len(lengths) <= TRACKS_TOLD:
            one = len(lengths) == 1
            lasting = f" (the {'only track that may play' if one else 'tracks that may play'} in it "
            lasting += f"{'lasts' if one else 'last'} {_listed([f'{each:.1f}' for each in lengths])} min)"
        side = "late" if planned.residual > 0 else "early"
        text = (
            f"The lengths of the tracks don't add up to the {phase.minutes.default:g} min of {phase.name}{lasting}: the "
            f"nearest plan found ends it {_span(miss)} {side}; {tolerance:g} s are allowed. It would work with "
            f"boundary_tolerance: {math.ceil(miss / 5) * 5} in {phase.name}{_other_minutes(phase, planned.residual)}, or "
            "with tracks of other lengths."
        )
        found.append(Shortfall(phase.name, max(0.0, -planned.residual) / 60.0, "duration", text))
    return found


def _other_minutes(phase: Phase, residual: float) -> str:
    """The minutes to ask for instead, if the template allows them."""
    wanted = round(phase.minutes.default + residual / 60.0, 1)
    if not phase.minutes.least <= wanted <= phase.minutes.most:
        return ""
    return f", with --minutes {phase.name}={wanted:g}"


def _artist_clash(pool: Pool, slots: Sequence[Slot]) -> Shortfall | None:
    """The artists who would have to play more often, or twice running."""
    rules = pool.session.template.rules
    credited = Credits(slot.track for slot in slots)
    people = [credited.people(slot.track) for slot in slots]
    heard = Counter(name for names in people for name in sorted(names))
    running = [
        k
        for k in range(1, len(slots))
        if people[k] & people[k - 1] and not _phase_of(pool, slots[k]).album_runs
    ]
    told, remedies, where = [], [], slots[0].phase
    for most, times in heard.most_common(1):
        if times > rules.artist_max:
            told.append(f"{credited.spelled([most])} {times} times; {rules.artist_max} are allowed")
            remedies.append(f"artist: {{max: {times}}} in the rules")
            where = next(slot.phase for slot, names in zip(slots, people, strict=True) if most in names)
    if running:
        where = slots[running[0]].phase
        phases = list(dict.fromkeys(slots[k].phase for k in running))
        again = credited.spelled(people[running[0]] & people[running[0] - 1])
        told.append(f"{again} twice running in {_listed(phases)}")
        remedies.append(f"album_runs: true in {_listed(phases)}")
    if not told:
        return None
    text = (
        "There are enough minutes for each phase, but by too few artists: the nearest plan found plays "
        f"{'; '.join(told)}. It would work with {' and '.join(remedies)}, or with music by others."
    )
    return Shortfall(where, 0.0, "artist", text)


def _pin_clash(pool: Pool, pin: Pin) -> Shortfall:
    """The pin that prevents a plan."""
    row = next(row for row in pool.pinned if pool.candidates[row].track.id == pin.track)
    title, phase = pool.candidates[row].track.title or pin.track, pool.pinned[row]
    name = pool.arc.phases[phase or 0].name
    where = f" in {name}" if phase is not None else ""
    if pin.time is not None:
        where = f" at minute {pin.time / 60:.0f}, in {name}"
    text = (
        f"With {title} pinned{where}, no order of the other tracks keeps the joins and the ends of the phases; without "
        "that pin there is a plan. Pin it elsewhere, or leave its place open."
    )
    return Shortfall(name, 0.0, "pin", text)


def _phase_of(pool: Pool, slot: Slot) -> Phase:
    return next(each for each in pool.arc.phases if each.name == slot.phase)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
