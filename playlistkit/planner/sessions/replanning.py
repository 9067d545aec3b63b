"""`replan`: plan the rest of a running session again; what has played and what is playing stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from playlistkit.arguments import checks_arguments
from playlistkit.blas import one_thread
from playlistkit.errors import InputError, ShortfallError
from playlistkit.facts.lacking import RestNotFilled
from playlistkit.given import id_given
from playlistkit.handmade import check_fields
from playlistkit.model import Candidate, Plan, Session, Shortfall, Slot
from playlistkit.objective import Arc, Judgement, recording_groups
from playlistkit.planner.feasibility.attempt import WIDENING, problem_of, unwelcome_words
from playlistkit.planner.feasibility.relaxation import marked, relaxations
from playlistkit.planner.problem.borders import past_of
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.instance import Past
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import EFFORTS, Effort, Solution, solve
from playlistkit.planner.sessions import grounding
from playlistkit.planner.sessions.changes import LEAST_SECONDS, Change, Kind, changed, end_moved
from playlistkit.planner.sessions.completed import completed
from playlistkit.planner.sessions.prepared import Prepared
from playlistkit.planner.sessions.reasons import explained, told
from playlistkit.recordings import plain_title

__all__ = ["Change", "replan"]


AT_ONCE = Effort(
    250,
    100,
    4,
    (Rung(5, 1, Width(60, 2)),),
    at_once=(Rung(8, 4, Width(50, 1)),),
    at_once_over_all=(Rung(8, 4, Width(60, 1)), Rung(8, 2, Width(200, 2))),
)
"""Effort for an instant answer."""

PREPARED = Effort(
    250, 250, 1, (), at_once=(Rung(8, 1, Width(40, 1)), Rung(8, 4, Width(60, 1))), last_resort=()
)
"""The same, for prepared tracks with known multipliers; if they don't suffice, all tracks are tried."""


@one_thread()
@checks_arguments
def replan(
    plan: Plan,
    candidates: Iterable[Candidate],
    at_seconds: float,
    playing: str | None = None,
    change: Change | None = None,
    *,
    effort: Literal["quick", "normal", "proof"] | None = None,
    prepared: Prepared | None = None,
) -> Plan:
    r"""The plan, with everything after the playing track planned again.

    Parameters
    ----------
    plan : Plan
    candidates : sequence of Candidate
    at_seconds : float
        Seconds since the session began.
    playing : str, optional
        Id of the playing track; by default the one the plan plays then.
    change : Change, optional
    effort : {"quick", "normal", "proof"}, optional
        By default less than quick, since somebody in the room is waiting.
    prepared : Prepared, optional
        From `prepare`, for a faster answer. Unless an effort is given, the rest is then chosen among
        only the prepared tracks or, if they can't fill it within the tolerances, among all.

    Returns
    -------
    Plan
        Its slots up to the playing one are unchanged.

    Raises
    ------
    InputError
        If the time, the track or the phase isn't in the plan, or nothing is left to plan.
    ShortfallError
        If the library can't fill the rest.

    Examples
    --------
    >>> arc = pk.parse_template("name: Short\nphases: [{name: peak, minutes: 16, energy: 0.3}]\nrules: {tail_minutes: 0}")
    >>> music = [
    ...     pk.Candidate(pk.Track(f"t{k}", title=f"Piece {k}", duration=160.0), pk.Features(energy=0.3))
    ...     for k in range(20)
    ... ]
    >>> plan = pk.plan(pk.Session(arc), music)
    >>> rest = pk.replan(plan, music, 60.0, change=pk.Change("skip"))
    >>> rest.slots[0].track == plan.slots[0].track, rest.slots[0].duration
    (True, 60.0)
    """
    change = change or Change()
    if playing is not None:
        playing = id_given(playing, "playing")
    if change.kind not in get_args(Kind):
        raise InputError(f"no change {change.kind!r}; it is one of {', '.join(get_args(Kind))}")
    check_fields(change, "change")
    if change.kind == "grounding now":
        # only tracks near enough are examined: the room must not wait for a large library
        return _grounding_now(
            plan, candidates if prepared is None else prepared.candidates, at_seconds, playing
        )
    if prepared is not None and effort is None:
        try:
            return _anew(plan, prepared.candidates, at_seconds, playing, change, PREPARED, prepared.charges)
        except ShortfallError:
            pass
    given = Candidates.given(candidates)
    return _anew(plan, given, at_seconds, playing, change, AT_ONCE if effort is None else EFFORTS[effort])


def _anew(
    plan: Plan,
    candidates: Sequence[Candidate],
    at_seconds: float,
    playing: str | None,
    change: Change,
    effort: Effort,
    charges: Mapping[str, float] | None = None,
) -> Plan:
    """`replan` with some effort; with known charges among prepared tracks, which must fit as they are."""
    current = _playing(plan, at_seconds, playing)
    done = list(plan.slots[: current + 1])
    if change.kind == "skip":
        done[-1] = _stopped(done[-1], at_seconds)
    now = done[-1].end - done[-1].overlap
    session, first = changed(plan, change, done[-1].phase, now)
    pool = Pool.of(_without(session, done, candidates), candidates)
    past = past_of(pool, done, now, first)
    solution = _rest(pool, past, first, effort, charges, plan.slots[current + 1 :])
    if solution is None:
        name = pool.arc.phases[first].name
        minutes = (pool.arc.end - now) / 60.0
        raise ShortfallError((Shortfall(name, minutes, "supply", RestNotFilled(name, minutes)),))
    joined = _joined(plan, session, pool, done, solution.path, now)
    return replace(
        joined,
        certificate=solution.proof.certificate(solution.cost),
        warnings=(*joined.warnings, *told(*end_moved(plan, session, change))),
    )


def _stopped(slot: Slot, at_seconds: float) -> Slot:
    """The slot, fading out from now within its overlap while the next begins."""
    stopped = min(max(at_seconds - slot.start, 0.0), slot.duration)
    fading = min(slot.overlap, slot.duration - stopped)
    return replace(slot, duration=stopped + fading, overlap=fading)


def _grounding_now(
    plan: Plan, candidates: Iterable[Candidate], at_seconds: float, playing: str | None
) -> Plan:
    """Quiet music at once; see `grounding.py`."""
    known = grounding.gathered(plan, candidates)
    last_phase = Arc(plan.session.template).phases[-1].name
    all_of_it = [*plan.slots, *(replace(slot, phase=last_phase) for slot in plan.tail)]
    current = [k for k, slot in enumerate(all_of_it) if slot.track.id == playing]
    current = current or [k for k, slot in enumerate(all_of_it) if slot.start <= max(at_seconds, 0.0)]
    done = all_of_it[: max(current) + 1]
    done[-1] = _stopped(done[-1], at_seconds)
    here, begun, now = done[-1].phase, len(done), done[-1].end - done[-1].overlap
    least = plan.session.template.rules.grounding_now_minutes * 60.0
    end = max(Arc(plan.session.template).end, now + least)
    session = grounding.grounded(plan, here, now, end)
    done += grounding.fallback(plan, session, {slot.track.id for slot in done}, now)
    now = done[-1].end - done[-1].overlap
    session = grounding.grounded(plan, here, now, end)
    pool = Pool.of(_without(session, done, known), known)
    if end - now < LEAST_SECONDS:
        return _joined(plan, session, pool, done, (), now)
    done += grounding.put_together(pool, done[-1], now, end)
    if len(done) == begun:
        done += grounding.anything(plan, session, now)
    return _joined(plan, grounding.ended(session, done[-1].end), pool, done, (), done[-1].end)


def _without(session: Session, played: Sequence[Slot], candidates: Sequence[Candidate]) -> Session:
    """The session, excluding every version of what was played."""
    titles = {plain_title(slot.track.title) for slot in played}
    codes = {slot.track.isrc for slot in played if slot.track.isrc}
    lengths = np.round([slot.track.duration for slot in played])
    long = np.round([each.track.duration for each in candidates])
    near = np.isin(long, np.concatenate([lengths - 1, lengths, lengths + 1]))
    alike = [
        each
        for each, is_near in zip(candidates, near.tolist(), strict=True)
        if is_near or each.track.isrc in codes or plain_title(each.track.title) in titles
    ]
    groups = recording_groups(
        [*(slot.track for slot in played), *(each.track for each in alike)],
        [*(slot.features for slot in played), *(each.features for each in alike)],
    )
    again = np.isin(groups[len(played) :], groups[: len(played)])
    gone = {slot.track.id for slot in played}
    gone |= {each.track.id for each, is_played in zip(alike, again, strict=True) if is_played}
    return replace(
        session,
        excluded_tracks=session.excluded_tracks | gone,
        pins=tuple(pin for pin in session.pins if pin.track not in gone),
    )


def _playing(plan: Plan, at_seconds: float, playing: str | None) -> int:
    """Index of the slot that is playing."""
    if playing is not None:
        for k, slot in enumerate(plan.slots):
            if slot.track.id == playing:
                return k
        raise InputError(f"track {playing!r} is not in the plan")
    if not 0 <= at_seconds < plan.duration:
        raise InputError(
            f"at_seconds={at_seconds:g} lies outside the plan, which lasts {plan.duration:.0f} s"
        )
    return max(k for k, slot in enumerate(plan.slots) if slot.start <= at_seconds)


def _rest(
    pool: Pool,
    past: Past,
    first: int,
    effort: Effort,
    charges: Mapping[str, float] | None,
    planned: Sequence[Slot],
) -> Solution | None:
    """The best rest: known voices first, then unknown ones.

    If neither works: wider boundaries, unless `charges` are given, as there are more tracks to try then; any join, if
    nothing may follow what is playing; and for a best-effort session, rules bent as mildly as possible. If the rest as
    `planned` needed unknown voices, known ones alone are tried only briefly.
    """
    unknown = not pool.session.strict
    before = _as_path(pool, planned, first)
    ways = [(False, 1.0, past), (unknown, 1.0, past)]
    if charges is None:
        ways += [(unknown, factor, past) for factor in WIDENING]
        ways += [(unknown, factor, replace(past, free=True)) for factor in (1.0, *WIDENING)]
    needed = unknown and any(pool.rules.unknown_voice[p, row] for p, row in before)
    wordy: Solution | None = None
    for unknown_voice, factor, played in ways[0 if unknown else 1 :]:
        problem = problem_of(pool, pool.allowed(unknown_voice=unknown_voice), factor)
        problem = replace(problem, past=played, first_phase=first, charges=charges or {}, before=before)
        solution = solve(problem, effort.looking() if needed and not unknown_voice else effort)
        if wordy is not None:
            return solution if solution is not None and solution.cost < wordy.cost else wordy
        if solution is not None and unknown and not unknown_voice and unwelcome_words(pool, solution.path):
            wordy = solution  # an unknown voice may do better than these words
        elif solution is not None:
            return solution
    if charges is None and pool.session.best_effort:
        for _, whole in relaxations(pool):
            solution = solve(replace(whole, past=past, first_phase=first, before=before), effort)
            if solution is not None:
                return solution
    return None


def _as_path(pool: Pool, planned: Sequence[Slot], first: int) -> tuple[tuple[int, int], ...]:
    """What was planned for the phases still to come, as far as it is in the pool, as (phase, row) pairs."""
    names = {phase.name: p for p, phase in enumerate(pool.arc.phases)}
    places = [(names.get(slot.phase, -1), pool.row_of.get(slot.track.id)) for slot in planned]
    return tuple((p, row) for p, row in places if p >= first and row is not None)


def _joined(
    plan: Plan,
    session: Session,
    pool: Pool,
    done: Sequence[Slot],
    path: Sequence[tuple[int, int]],
    now: float,
) -> Plan:
    """The old slots and the new, with phases, reserves, tail and score of the whole."""
    chosen = [pool.candidates[row] for _, row in path]
    new = laid_out(session, pool.arc, [(p, each) for (p, _), each in zip(path, chosen, strict=True)], now)

    def reasoned(slots: tuple[Slot, ...], judgement: Judgement) -> tuple[Slot, ...]:
        known = explained(slots, judgement, session)
        if session.best_effort:
            known = marked(session, known, judgement)
        return (*slots[: len(done)], *known[len(done) :])  # slots already played keep their reasons

    whole = completed(session, pool, (*done, *new), reasoned=reasoned)
    return replace(
        plan,
        session=session,
        phases=whole.phases,
        slots=whole.slots,
        reserves=whole.reserves,
        tail=whole.tail,
        shortfalls=(),
        warnings=told(*whole.warnings),
        score=whole.judgement.score,
    )
