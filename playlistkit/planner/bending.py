"""Plans that keep all rules; where there is none, what clashes, and the best plan under the mildest relaxation.

Where minutes lack, the linear programme of `explain` says which rules to give up. Where minutes suffice, a few
things are given up in turn until there is a plan: a limit on joins, the ends of phases, the rules on artists, a
pin. That plan is the proof, and says in numbers what would have to be allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Candidate, Diagnosis, Phase, Rule, Session, Shortfall, Slot
from playlistkit.objective import WEIGHTS, findings, judge, tolerance_of
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.objective.terms import SILENCE_LIMIT
from playlistkit.planner.assemble import laid_out, phases_of
from playlistkit.planner.explain import OF_A_PHASE, dealt, diagnose, lacks, mildest, relaxed
from playlistkit.planner.pool import Pool
from playlistkit.planner.solve import EFFORTS, Effort, Problem, Solution, solve

__all__ = [
    "WIDENING",
    "Attempt",
    "WhyNot",
    "bent",
    "explain",
    "marked",
    "problem_of",
    "relaxations",
    "unbent",
    "why_not",
]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WIDENING = (2.0, 4.0, 8.0, 16.0)
"""Where the tracks' lengths alone clash, the boundaries' tolerance is widened by these factors in turn."""

SPARES = (1.2, 1.5, 2.0)
"""Times the minutes that the rules given up must let in, in turn: the scarcer the music, the rougher the plan."""

BENT = 60.0
"""Points that a whole session of tracks that bend a rule would cost: rules are bent as little as can be."""

LOOSER_JOINS = (1.5, 3.0)
"""Factors on the limits of joins, in turn, by which a clash is looked for."""

TRACKS_TOLD = 4
"""So few tracks of a phase are told with their lengths, where they don't add up."""

ALL = ", all that are eligible"  # what a certificate says where nothing was filtered

SPARE_COLUMNS = 1.5
"""Times the tracks that a session needs: so many are looked at, whatever the effort says."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """A solution with the problem that it solves, and what was given up for it."""

    pool: Pool
    problem: Problem
    solution: Solution
    bent: bool = False
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WhyNot:
    """Why there is no plan."""

    diagnosis: Diagnosis
    way_out: Problem | None = None
    """Where minutes suffice: the problem without what clashes, which has a plan."""


def explain(session: Session, candidates: Sequence[Candidate]) -> Diagnosis:
    """Why `candidates` can't fill the session's template; no shortfalls if they can."""
    pool = Pool.of(session, candidates)
    if unbent(pool, EFFORTS["quick"]) is not None:
        return diagnose(pool, unknown_voice=not session.strict, slack=_tolerances(pool))
    return why_not(pool).diagnosis


# --- plans that keep all rules --------------------------------------------------------------------------------


def unbent(pool: Pool, effort: Effort) -> Attempt | None:
    """Known voices first, then unknown ones, then wider boundaries; `None` where nothing fits.

    The search goes from the beginning to the end. Where an early phase uses up what a later one needs, it is done
    again with the music dealt out to the phases.
    """
    unknown = not pool.session.strict
    for unknown_voice in (False, True) if unknown else (False,):
        found = _solved(problem_of(pool, pool.allowed(unknown_voice=unknown_voice)), effort)
        if found is not None:
            return found
    slack = _tolerances(pool)
    if lacks(pool, unknown_voice=unknown, slack=slack):
        return None
    allowed = pool.allowed(unknown_voice=unknown)
    for spare in SPARES[::-1]:
        own = dealt(pool, (), unknown_voice=unknown, slack=slack, spare=spare)
        found = _solved(problem_of(pool, own), effort, whole=False)
        if found is not None:
            return found
    for factor in WIDENING:
        found = _solved(problem_of(pool, allowed, factor), effort)
        if found is not None:
            return found
    return None


def _solved(problem: Problem, effort: Effort, *, whole: bool = True) -> Attempt | None:
    """The problem's solution; its certificate says so if it is not the `whole` of the music."""
    pool = problem.pool
    if not supplied(problem):
        return None
    solution = solve(problem, enough(effort, problem), several=pool.session.seed is not None)
    if solution is None:
        return None
    if not whole:
        scope = solution.certificate.scope.replace(ALL, "")
        certificate = replace(
            solution.certificate, scope=f"{scope}, each kept to the phase that needs it most"
        )
        solution = replace(solution, certificate=certificate)
    return Attempt(pool, problem, solution)


def problem_of(
    pool: Pool, allowed: Mask, factor: float = 1.0, bending: Mask | None = None, *, share: float = 0.5
) -> Problem:
    """The problem with the tolerances of the template times `factor`, at most a `share` of each phase."""
    slack = tuple(
        min(tolerance_of(pool.session, phase) * factor, max(60.0 * share * phase.minutes.default, 1.0))
        for phase in pool.arc.phases
    )
    return Problem(pool, allowed, _extra(pool, bending), slack)


def _extra(pool: Pool, bending: Mask | None) -> Floats:
    """Points for a whole session of each track in each phase: keep, unknown voice, bent rules."""
    phases, n = len(pool.arc.phases), len(pool.table)
    extra = np.zeros((phases, n))
    if any(each.keep for each in pool.candidates):
        extra += WEIGHTS.keep * np.array([not each.keep for each in pool.candidates])
    extra += WEIGHTS.voice * (pool.rules.unknown_voice & (pool.table.vocals == VOCALS_RANK["unknown"]))
    if bending is not None:
        extra += BENT * bending
    return extra


def supplied(problem: Problem) -> bool:
    """Whether each phase has enough minutes at all; a quick look before any search."""
    steps = problem.pool.steps()
    lengths = np.diff(problem.pool.arc.bounds)
    have = np.array([steps[row].sum() for row in problem.allowed])
    return bool((have >= lengths - np.array(problem.slack)).all())


def enough(effort: Effort, problem: Problem) -> Effort:
    """The effort with so many tracks looked at that they can fill the session."""
    steps = problem.pool.steps()[problem.allowed.any(axis=0)]
    needed = math.ceil(SPARE_COLUMNS * problem.pool.arc.end / max(float(np.median(steps)), 1.0))
    if needed <= effort.columns:
        return effort
    return replace(effort, columns=needed, rated=max(effort.rated, 2 * needed))


# --- what clashes ---------------------------------------------------------------------------------------------


def why_not(pool: Pool) -> WhyNot:
    """What is lacking; where minutes suffice, what clashes."""
    diagnosis = diagnose(pool, unknown_voice=not pool.session.strict, slack=_tolerances(pool))
    if diagnosis.shortfalls:
        return WhyNot(diagnosis)
    for given_up, problem in _ways_out(pool):
        solution = solve(problem, enough(EFFORTS["quick"], problem)) if supplied(problem) else None
        if solution is not None:
            shortfalls = _clash(pool, given_up, problem, solution)
            # a pin is the therapist's word: it is never taken out unasked
            return WhyNot(
                replace(diagnosis, shortfalls=shortfalls), None if given_up.startswith("pin") else problem
            )
    longest = max(pool.arc.phases, key=lambda each: each.minutes.default)
    text = (
        "The library holds enough minutes for each phase, but its tracks can't be put in any order that was looked "
        "at, even with wider limits on joins, later and earlier ends of phases and more tracks of one artist. Add "
        "music."
    )
    return WhyNot(replace(diagnosis, shortfalls=(Shortfall(longest.name, 0.0, "supply", text),)))


def _ways_out(pool: Pool) -> Iterator[tuple[str, Problem]]:
    """What may clash, each with the problem without it: the mildest first."""

    def without(changed: Session, factor: float, *, free: bool = False) -> Problem:
        loose = Pool.of(changed, pool.candidates)
        problem = problem_of(loose, loose.allowed(unknown_voice=not changed.strict), factor)
        return replace(problem, free=free)

    session, widest = pool.session, WIDENING[-1]
    for factor in LOOSER_JOINS:
        for names in (("loudness_up", "loudness_down"), ("energy_step",)):
            yield "join", without(_looser_joins(session, names, factor), widest)
    yield "join", without(session, widest, free=True)
    yield "duration", without(session, math.inf)
    yield "artist", without(_any_artist(session), widest)
    for k, pin in enumerate(session.pins):
        kept = (*session.pins[:k], *session.pins[k + 1 :])
        yield f"pin {pin.track}", without(replace(session, pins=kept), widest)
    yield "join duration", without(session, math.inf, free=True)
    yield "join duration artist", without(_any_artist(session), math.inf, free=True)


def _looser_joins(session: Session, names: Sequence[str], factor: float) -> Session:
    """The session with some of the limits on joins times `factor`."""
    template, join = session.template, session.template.rules.join
    limits = {f"{name}_limit": getattr(join, f"{name}_limit") * factor for name in names}
    rules = replace(template.rules, join=replace(join, **limits))
    return replace(session, template=replace(template, rules=rules))


def _any_artist(session: Session) -> Session:
    """The session without the rules on artists."""
    template = session.template
    phases = tuple(replace(phase, album_runs=True) for phase in template.phases)
    rules = replace(template.rules, artist_max=10_000)
    return replace(session, template=replace(template, phases=phases, rules=rules))


def _clash(pool: Pool, given_up: str, problem: Problem, solution: Solution) -> tuple[Shortfall, ...]:
    """What the plan that gives something up says of the rules that it breaks."""
    candidates = problem.pool.candidates
    slots = laid_out(pool.session, pool.arc, [(p, candidates[row]) for p, row in solution.path])
    found: list[Shortfall | None] = []
    if given_up.startswith("pin"):
        found.append(_pin_clash(pool, given_up.removeprefix("pin ")))
    if "join" in given_up:
        found.append(_join_clash(pool, slots))
    if "duration" in given_up:
        found += _length_clashes(pool, problem, slots)
    if "artist" in given_up:
        found.append(_artist_clash(pool, slots))
    reached = _phases_planned(pool) if {"join", "artist"} & set(given_up.split()) else 0
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
        told = f"With the rule kept not even {pool.arc.phases[0].name} was planned."
    else:
        told = f"With the rule kept the session gets to the end of {pool.arc.phases[reached - 1].name}"
        told += f", {round(float(pool.arc.bounds[reached]) / 60.0, 1):g} of {round(pool.arc.end / 60.0, 1):g} min."
    return replace(shortfall, minutes=lacking, text=f"{shortfall.text} {told}")


def _join_clash(pool: Pool, slots: Sequence[Slot]) -> Shortfall | None:
    """The limits that joins pass, by how much and where."""
    rules = pool.session.template.rules.join
    joins = judge(pool.session, slots).joins
    looked = {
        "loudness_up_limit": ([each.loudness_step or 0.0 for each in joins], "{:.1f} LU louder", 0.5),
        "loudness_down_limit": ([-(each.loudness_step or 0.0) for each in joins], "{:.1f} LU softer", 0.5),
        "energy_step_limit": ([each.energy_step or 0.0 for each in joins], "{:.2f} apart in energy", 0.01),
        "silence": ([each.silence for each in joins], "{:.0f} s of silence", 1.0),
    }
    told, remedies, worst = [], [], slots[0].phase
    for name, (steps, words, grain) in looked.items():
        limit = SILENCE_LIMIT if name == "silence" else getattr(rules, name)
        passed = [k for k, step in enumerate(steps) if step > limit + 1e-9]
        if not passed:
            continue
        k = max(passed, key=lambda each: steps[each])
        worst = slots[k + 1].phase
        times = "once" if len(passed) == 1 else f"{len(passed)} times"
        told.append(f"{words.format(steps[k])} into {worst} ({limit:g} is the limit, passed {times})")
        if name == "silence":
            remedies.append("--for render, which plays the sound alone")
        else:
            remedies.append(f"{name}: {math.ceil(steps[k] / grain) * grain:g}")
    if not told:
        return None
    text = (
        "There are minutes enough for each phase, but no order of the tracks was found that keeps the limits on "
        f"joins. The nearest found is {'; '.join(told)}. It would do with {' and '.join(remedies)} in rules: join of "
        "the template, or with music whose loudness and energy lie between."
    )
    return Shortfall(worst, 0.0, "join", text)


def _length_clashes(pool: Pool, problem: Problem, slots: Sequence[Slot]) -> list[Shortfall]:
    """The phases whose ends are missed by more than all widening allows."""
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
            lasting = f" (the {'only track that may stand' if one else 'tracks that may stand'} in it "
            lasting += f"{'lasts' if one else 'last'} {_listed([f'{each:.1f}' for each in lengths])} min)"
        side = "late" if planned.residual > 0 else "early"
        text = (
            f"The lengths of the tracks don't add up to the {phase.minutes.default:g} min of {phase.name}{lasting}: the "
            f"nearest plan found ends it {_span(miss)} {side}, and {tolerance:g} s are allowed. It would do with "
            f"boundary_tolerance: {math.ceil(miss / 5) * 5} in {phase.name}{_other_minutes(phase, planned.residual)}, or "
            "with tracks of other lengths."
        )
        found.append(Shortfall(phase.name, max(0.0, -planned.residual) / 60.0, "duration", text))
    return found


def _other_minutes(phase: Phase, residual: float) -> str:
    """The minutes to ask for instead, where the template allows them."""
    wanted = round(phase.minutes.default + residual / 60.0, 1)
    if not phase.minutes.least <= wanted <= phase.minutes.most:
        return ""
    return f", with --minutes {phase.name}={wanted:g}"


def _artist_clash(pool: Pool, slots: Sequence[Slot]) -> Shortfall | None:
    """Who would have to be heard more often, or twice running."""
    rules = pool.session.template.rules
    names = [slot.track.artist or "" for slot in slots]
    most = max(names, key=lambda name: (bool(name), names.count(name)))
    running = [
        k
        for k in range(1, len(slots))
        if names[k] and names[k] == names[k - 1] and not _phase_of(pool, slots[k]).album_runs
    ]
    told, remedies, where = [], [], slots[0].phase
    if names.count(most) > rules.artist_max:
        told.append(f"{most} {names.count(most)} times, and {rules.artist_max} are allowed")
        remedies.append(f"artist: {{max: {names.count(most)}}} in the rules")
        where = slots[names.index(most)].phase
    if running:
        where = slots[running[0]].phase
        phases = list(dict.fromkeys(slots[k].phase for k in running))
        told.append(f"{names[running[0]]} twice running in {_listed(phases)}")
        remedies.append(f"album_runs: true in {_listed(phases)}")
    if not told:
        return None
    text = (
        "There are minutes enough for each phase, but by too few artists: the nearest plan found plays "
        f"{'; '.join(told)}. It would do with {' and '.join(remedies)}, or with music by others."
    )
    return Shortfall(where, 0.0, "artist", text)


def _pin_clash(pool: Pool, track: str) -> Shortfall:
    """The pin without which there is a plan."""
    pin = next(each for each in pool.session.pins if each.track == track)
    row = next(row for row in pool.pinned if pool.candidates[row].track.id == track)
    title, phase = pool.candidates[row].track.title or track, pool.pinned[row]
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


def _tolerances(pool: Pool) -> list[float]:
    return [tolerance_of(pool.session, phase) for phase in pool.arc.phases]


# --- the best plan under a relaxation -------------------------------------------------------------------------


def bent(pool: Pool, effort: Effort, why: WhyNot) -> Attempt | None:
    """The best plan under the mildest relaxation that has one; `None` where nothing at all can be planned.

    Whether there is any plan is asked quickly, and of music dealt out to the phases: there may be half a dozen of
    these questions. Only then is the best one looked for.
    """
    quick = EFFORTS["quick"]
    ways = [(why.way_out, why.way_out)] if why.way_out is not None else relaxations(pool)
    for dealt_out, whole in ways:
        found = _solved(dealt_out, quick, whole=dealt_out is whole)
        if found is None:
            continue
        if enough(effort, whole) == effort:  # else the session is too long for more than a quick look
            better = _solved(whole, effort)
            if better is not None and better.solution.cost <= found.solution.cost:
                found = better
        return replace(found, pool=pool, bent=True, shortfalls=why.diagnosis.shortfalls)
    return None


def relaxations(pool: Pool) -> Iterator[tuple[Problem, Problem]]:
    """Named rules with ever more to spare, then joins and lengths, then whatever there is.

    Each as two problems: the music dealt out to the phases, and all that the rules let in.
    """
    unknown_voice = not pool.session.strict
    slack = _tolerances(pool)
    every = [Rule(phase.name, name) for phase in pool.arc.phases for name in sorted(OF_A_PHASE)]
    every += [Rule("", name) for name in ("track_minutes", "used", "artist")]

    def without(
        rules: Sequence[Rule], spare: float, factor: float = 1.0, share: float = 0.5, *, free: bool = False
    ) -> tuple[Problem, Problem]:
        any_artist = any(rule.name == "artist" for rule in rules)
        loose = Pool.of(_any_artist(pool.session), pool.candidates) if any_artist else pool
        allowed = relaxed(loose, rules, unknown_voice=unknown_voice)
        bending = allowed & ~pool.allowed(unknown_voice=unknown_voice)
        whole = replace(problem_of(loose, allowed, factor, bending, share=share), free=free)
        own = dealt(loose, rules, unknown_voice=unknown_voice, slack=slack, spare=spare)
        return replace(whole, allowed=own), whole

    for spare in SPARES:
        rules = mildest(pool, unknown_voice=unknown_voice, slack=slack, spare=spare)
        if rules is not None:
            yield without(rules, spare)
    yield without(every, SPARES[-1])
    for factor, share in ((WIDENING[1], 0.5), (math.inf, 0.5), (math.inf, 0.95)):
        yield without(every, SPARES[-1], factor, share, free=True)


def marked(session: Session, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots with the rules that each bends, in words."""
    told: dict[int, list[str]] = {k: [] for k in range(len(slots))}
    for finding in findings(session, slots):
        where, _, number = finding.where.partition(" ")
        if where == "track":
            told[int(number) - 1].append(finding.text)
        elif where == "join" and "(passed)" in finding.text:
            told[int(number)].append(finding.text)
    return tuple(replace(slot, bends=tuple(told[k])) for k, slot in enumerate(slots))
