"""`swapped`: put another track in a slot, moving as little else as possible; `around`: replan all but some slots."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.errors import InputError, ShortfallError
from playlistkit.facts.conflicts import NotAround, NotSwapped
from playlistkit.facts.fact import Fact
from playlistkit.facts.scope import BY_HAND
from playlistkit.facts.warned import ChosenAgainst
from playlistkit.model import Candidate, Certificate, Plan, Shortfall, Slot, Track
from playlistkit.objective import judge, why_barred
from playlistkit.objective.ends import ends_of
from playlistkit.objective.people import NO_ONE, shared
from playlistkit.objective.terms import join_points
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.feasibility.relaxation import marked
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced, Instance, Past
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.rate_filter import rate_filter
from playlistkit.planner.problem.slots import phases_of
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import Effort, explore
from playlistkit.planner.sessions.reasons import explained, told, warning_of, warnings_of
from playlistkit.planner.sessions.reserves import reserves, tail
from playlistkit.planner.sessions.standing import Standing

__all__ = ["Swap", "around", "swapped"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

Path = list[tuple[int, int]]
"""(phase, row of the pool) pairs."""

NEAR = Effort(160, 160, 3, (Rung(5, 1, Width(60, 2)),), at_once=Width(40, 1))
"""For a few slots between others that stay."""

FAR = Effort(250, 110, 6, (Rung(5, 1, Width(60, 2)),), at_once=Width(60, 1))
"""For phases or the whole."""

SHIFTED = 0.5  # s; a slot that starts later by less counts as unmoved


@dataclass(frozen=True, slots=True)
class Swap:
    """A plan with another track in one slot, and what else that changed."""

    plan: Plan
    slot: int
    """Index of the slot that holds the track now."""
    left: tuple[Track, ...] = ()
    """Others that had to leave the plan."""
    came: tuple[Track, ...] = ()
    """Those that replaced them."""
    moved: tuple[Track, ...] = ()
    """Others that stay in the plan but change their place."""
    shifted: float = 0.0
    """Seconds by which the slot after it starts later; negative: earlier."""


def swapped(
    plan: Plan,
    candidates: Sequence[Candidate],
    slot: int,
    track: str,
    *,
    locked: Collection[int] = (),
) -> Swap:
    """The plan with `track` in a slot, and every other track in place if the rules allow.

    If not, the neighbouring slots are replanned, then those around them, and so on to the whole plan: the first that
    works is taken, so that few tracks move. The track may be one that a rule of the phase bars (the
    plan then says so); limits on joins and the ends of phases are kept.

    Parameters
    ----------
    plan : Plan
    candidates : sequence of Candidate
        The library.
    slot : int
        Index into `plan.slots`.
    track : str
        Id of the track.
    locked : collection of int
        Slots whose tracks stay, at their present times.

    Raises
    ------
    InputError
        If there is no such slot or track, or the track plays elsewhere in the plan.
    ShortfallError
        If no plan was found that holds it there.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> with pk.Library("music.db") as library:
    ...     others = pk.alternatives(plan, library.candidates(), 1, most=1)
    ...     swaps = [pk.swapped(plan, library.candidates(), 1, each.track.id) for each in others if each.stays]
    >>> all(swap.plan.slots[1].track.id == each.track.id for swap, each in zip(swaps, others))
    True
    """
    standing = Standing.of(plan, candidates)
    standing.check(slot, *locked)
    row = _row_of(standing, slot, track)
    locked = set(locked) - {slot}
    path = list(zip(standing.phases, standing.rows, strict=True))
    path[slot] = standing.phases[slot], row
    whole = standing.laid(slot, path[slot:])
    if not standing.breaks(whole, standing.pool.candidates[row].track):
        return _swap(standing, whole, slot, row)
    tried: set[tuple[int, int]] = set()
    for regions in _regions(standing, slot):
        found = []
        for region in regions:
            if region in tried:
                continue
            tried.add(region)
            slots = _region(standing, slot, row, *region, locked)
            if slots is not None:
                found.append(slots)
        if found:
            best = min(found, key=lambda each: judge(standing.session, each).score.total)
            return _swap(standing, best, slot, row)
    title = standing.pool.candidates[row].track.title or track
    name = standing.slots[slot].phase
    raise ShortfallError((Shortfall(name, 0.0, "swap", NotSwapped(title, slot + 1, name)),))


def around(plan: Plan, candidates: Sequence[Candidate], locked: Collection[int]) -> Plan:
    r"""The plan, replanned around some slots, whose tracks stay at their present times.

    Parameters
    ----------
    plan : Plan
    candidates : sequence of Candidate
        The library.
    locked : collection of int
        Indices into `plan.slots`.

    Raises
    ------
    InputError
        If there is no such slot.
    ShortfallError
        If nothing else fits around them.

    Examples
    --------
    >>> arc = pk.parse_template("name: Short\nphases: [{name: peak, minutes: 16, energy: 0.3}]\nrules: {tail_minutes: 0}")
    >>> music = [
    ...     pk.Candidate(pk.Track(f"t{k}", title=f"Piece {k}", duration=160.0), pk.Features(energy=0.3))
    ...     for k in range(20)
    ... ]
    >>> plan = pk.plan(pk.Session(arc), music)
    >>> again = pk.around(plan, music, [0, 1])
    >>> again.slots[:2] == plan.slots[:2], again.slots == plan.slots
    (True, False)
    """
    standing = Standing.of(plan, candidates)
    standing.check(*locked)
    slots = _region(standing, None, None, 0, len(standing.slots) - 1, set(locked), renew=True)
    if slots is None:
        raise ShortfallError((Shortfall(standing.slots[0].phase, 0.0, "swap", NotAround(len(locked))),))
    return _planned(standing, slots, None)


def _row_of(standing: Standing, slot: int, track: str) -> int:
    """Row of the wanted track; refused if no plan may hold it."""
    pool = standing.pool
    row = next((row for row, each in enumerate(pool.candidates) if each.track.id == track), None)
    if row is None:
        raise InputError(f"track {track!r} is not in the library")
    title = pool.candidates[row].track.title or track
    for k, other in enumerate(standing.rows):
        if row == other or (k != slot and standing.groups[other] == standing.groups[row]):
            raise InputError(f"{title} already plays, as track {k + 1}; choose another")
    barred = _barred(standing, slot, row)
    if barred is not None and barred[0] in ("player", "duration", "excluded", "avoid"):
        raise InputError(f"this track can't be swapped in, so choose another: {barred[1]}")
    return row


def _barred(standing: Standing, slot: int, row: int) -> tuple[str, Fact] | None:
    """The rule of the slot's phase that bars a track, and the fact."""
    pool = standing.pool
    return why_barred(pool.session, pool.arc.phases[standing.phases[slot]], pool.candidates[row])


def _regions(standing: Standing, slot: int) -> Iterator[list[tuple[int, int]]]:
    """First and last slot of what is planned anew, ever more of it: alike in size together."""
    last = len(standing.slots) - 1

    def region(before: int, after: int) -> tuple[int, int]:
        return max(0, slot - before), min(last, slot + after)

    yield [region(0, 0)]
    yield [region(0, 1), region(1, 0)]
    yield [region(1, 1), region(0, 2), region(2, 0)]
    yield [region(2, 2)]
    own = [k for k, p in enumerate(standing.phases) if p == standing.phases[slot]]
    yield [(own[0], own[-1])]
    yield [(own[0], last)]
    yield [(0, last)]


def _region(
    standing: Standing,
    slot: int | None,
    row: int | None,
    begin: int,
    end: int,
    locked: set[int],
    *,
    renew: bool = False,
) -> tuple[Slot, ...] | None:
    """The plan with slots `begin` to `end` planned anew, `row` among them where `slot` was; `None`: nothing fits.

    `renew`: the tracks that are not locked leave, rather than being free to stay.
    """
    problem, forced = _problem(standing, slot, row, begin, end, locked, renew=renew)
    pool = problem.pool
    members = np.flatnonzero(problem.allowed.any(axis=0))
    effort = NEAR if end - begin < 6 else FAR
    if len(members) > effort.rated:
        keep = [each.track for each in forced]
        members = rate_filter(pool, problem.allowed, problem.surcharge, effort.rated, keep=keep)
    phases = range(standing.phases[begin], standing.phases[end] + 1)
    if not all(problem.allowed[p, members].any() for p in phases):
        return None
    instance = _closed(standing, build(problem, members, forced), members, begin, end)
    pinned = np.isin(members, [each.track for each in forced])
    explored = explore(instance, effort, Multipliers.none(instance), pinned=pinned)
    for found in explored.refinement.plans[:3] if explored is not None else ():
        path = [(p + problem.first_phase, int(members[own])) for p, own in found.path]
        rest = list(zip(standing.phases[end + 1 :], standing.rows[end + 1 :], strict=True))
        slots = standing.laid(begin, [*path, *rest])
        if not standing.breaks(slots, None if row is None else pool.candidates[row].track):
            return slots
    return None


def _problem(
    standing: Standing,
    slot: int | None,
    row: int | None,
    begin: int,
    end: int,
    locked: set[int],
    *,
    renew: bool,
) -> tuple[Problem, list[Forced]]:
    """What may play in a region of the plan, and what must."""
    pool, slots = standing.pool, standing.slots
    inside = range(begin, end + 1)
    outside = [k for k in range(len(slots)) if k not in inside]
    allowed = pool.allowed(unknown_voice=not pool.session.strict).copy()
    for k in inside:  # what stands where it does may stay, whatever rule it bends
        allowed[standing.phases[k], standing.rows[k]] = True
    gone = [standing.rows[k] for k in outside]
    gone += [] if slot is None else [standing.rows[slot]]
    gone += [standing.rows[k] for k in inside if renew]
    allowed[:, np.isin(standing.groups, standing.groups[gone])] = False
    forced = []
    pinned = {pin.track for pin in pool.session.pins}
    staying = {k: standing.rows[k] for k in inside if k in locked or slots[k].track.id in pinned}
    if slot is not None and row is not None:
        staying[slot] = row
    for k, own in staying.items():
        allowed[:, own] = False
        allowed[standing.phases[k], own] = True
        slack = slots[k].duration - slots[k].overlap
        forced.append(Forced(own, time=slots[k].start + min(slack, float(pool.steps()[own])) / 2))
    phases = np.arange(len(allowed))
    inner = (phases >= standing.phases[begin]) & (phases <= standing.phases[end])
    allowed[~inner] = False
    problem = problem_of(pool, allowed)
    tolerances = standing.tolerances()
    return (
        replace(
            problem,
            slack=tuple(np.maximum(problem.slack, tolerances).tolist()),
            past=_past(standing, begin, outside),
            first_phase=standing.phases[begin],
            last_phase=standing.phases[end],
        ),
        forced,
    )


def _past(standing: Standing, begin: int, outside: Sequence[int]) -> Past:
    """What plays before the region; artists after it count as well."""
    people = standing.pool.table.people
    counts: dict[int, int] = {}
    heard: dict[int, float] = {}
    for k in outside:
        for person in people[standing.rows[k]].tolist():
            if person != NO_ONE:
                counts[person] = counts.get(person, 0) + 1
                if k < begin:
                    heard[person] = standing.slots[k].end - standing.slots[k].overlap
    if not begin:
        return Past(artist_counts=counts, artist_ends=heard)
    return Past(
        start=standing.slots[begin].start,
        ends=standing.ends(begin - 1, "end"),
        last_people=standing.pool.table.who.of(standing.slots[begin - 1].track),
        artist_counts=counts,
        artist_ends=heard,
    )


def _closed(
    standing: Standing, instance: Instance, members: NDArray[np.intp], begin: int, end: int
) -> Instance:
    """The instance with its last stage ending where the slot after the region begins, joined to it."""
    pool, slots = standing.pool, standing.slots
    stages = list(instance.stages)
    for q, stage in enumerate(stages):  # voice that stays outside the region takes its part of the share
        p = standing.phases[begin] + q
        sung = sum(
            slots[k].duration
            for k, row in enumerate(standing.rows)
            if standing.phases[k] == p and not begin <= k <= end and pool.rules.beyond[p, row]
        )
        stages[q] = replace(stage, beyond_limit=max(0.0, stage.beyond_limit - sung))
    if end + 1 == len(slots):
        return replace(instance, stages=tuple(stages))
    stage = stages[-1]
    here, there = standing.phases[end], standing.phases[end + 1]
    own = standing.heard(members[stage.members], here)
    ends = ends_of(own, "end")
    starts = standing.ends(end + 1, "start")
    allowed = join_allowed(ends, starts, pool.session.template.rules.join)[:, 0]
    if not pool.arc.phases[there].album_runs:
        allowed &= ~shared(own.people, pool.table.people[[standing.rows[end + 1]]])[:, 0]
    points = join_points(pool.setting, ends, starts)[:, 0]
    residuals, tolerances = standing.residuals()[here:], standing.tolerances()[here:]
    if here == there and standing.session.player == "render":
        room = float(tolerances[0])
    else:
        room = float(np.min(tolerances - np.abs(residuals)))
    stages[-1] = replace(
        stage,
        exit=np.where(allowed, stage.exit + points, np.inf).astype(np.float32),
        target=slots[end + 1].start,
        slack=max(1.0, room),
    )
    return replace(instance, stages=tuple(stages))


def _swap(standing: Standing, slots: tuple[Slot, ...], slot: int, row: int) -> Swap:
    """The changed plan, compared with the old one."""
    old, wanted, instead = standing.slots, standing.pool.candidates[row].track, standing.slots[slot].track
    before = [each.track.id for each in old if each.track.id != instead.id]
    after = [each.track.id for each in slots if each.track.id != wanted.id]
    stayed_before = [each for each in before if each in after]
    stayed_after = [each for each in after if each in before]
    elsewhere = {two for one, two in zip(stayed_before, stayed_after, strict=True) if one != two}
    starts = {each.track.id: each.start for each in old}
    at = next(k for k, each in enumerate(slots) if each.track.id == wanted.id)
    following = slots[at + 1 : at + 2]
    return Swap(
        _planned(standing, slots, row),
        at,
        tuple(each.track for each in old if each.track.id in before and each.track.id not in after),
        tuple(each.track for each in slots if each.track.id in after and each.track.id not in before),
        tuple(each.track for each in slots if each.track.id in elsewhere),
        round(sum(each.start - starts.get(each.track.id, each.start) for each in following), 3),
    )


def _planned(standing: Standing, slots: tuple[Slot, ...], chosen: int | None) -> Plan:
    """The plan of these slots; unchanged slots keep their reasons, the chosen one gets its own."""
    plan, pool, session = standing.plan, standing.pool, standing.session
    kept = frozenset(each.track.id for each in pool.candidates if each.keep)
    row_of = {each.track.id: row for row, each in enumerate(pool.candidates)}
    taken = {row_of[slot.track.id] for slot in slots}
    allowed = pool.allowed()
    after = plan.tail
    played = {slot.track.id for slot in slots}
    if after and (
        slots[-1].track.id != plan.slots[-1].track.id
        or abs(slots[-1].start - plan.slots[-1].start) > SHIFTED
        or any(each.track.id in played for each in after)
    ):
        after = tail(pool, allowed, slots, taken)
        if not after:
            slots = (*slots[:-1], replace(slots[-1], overlap=0.0))
    judgement = judge(session, slots, kept)
    slots = explained(slots, judgement, session)
    if session.best_effort:
        slots = marked(session, slots)
    slots = _with_old_words(plan.slots, slots)
    phases = phases_of(pool.arc, slots)
    warned: list[Fact] = [*pool.warnings]
    if chosen is not None:
        at = next(slot for slot in slots if slot.track.id == pool.candidates[chosen].track.id)
        phase = next(each for each in pool.arc.phases if each.name == at.phase)
        barred = why_barred(session, phase, pool.candidates[chosen])
        warned += [ChosenAgainst(barred[1])] if barred else []
    later = {row_of[each.track.id] for each in after if each.track.id in row_of}
    return replace(
        plan,
        session=session,
        phases=phases,
        slots=slots,
        reserves=reserves(pool, allowed, slots, taken, later),
        tail=after,
        warnings=told(
            *warned,
            *(warning_of(each, slots) for each in warnings_of(session, slots, phases, judgement.joins)),
        ),
        score=judgement.score,
        certificate=_certificate(plan, judgement.score.total),
    )


def _with_old_words(old: Sequence[Slot], new: Sequence[Slot]) -> tuple[Slot, ...]:
    """The new slots; those at their old time after the same track keep their reasons."""
    reasons = {(old[k - 1].track.id if k else "", slot.track.id): slot for k, slot in enumerate(old)}
    found = []
    for k, slot in enumerate(new):
        before = reasons.get((new[k - 1].track.id if k else "", slot.track.id))
        same = before is not None and abs(before.start - slot.start) <= SHIFTED and before.reason
        found.append(replace(slot, reason=before.reason) if before is not None and same else slot)
    return tuple(found)


def _certificate(plan: Plan, points: float) -> Certificate:
    """A certificate from the bound proved for the old plan, which holds for this one too."""
    old = plan.certificate
    if old.within is None or plan.score.total <= 0:
        return Certificate(None, False, old.scope)
    bound = plan.score.total / (1 + old.within)
    scope = old.scope if old.scope.endswith(BY_HAND) else old.scope + BY_HAND
    return Certificate(round(max(0.0, points / bound - 1), 6), False, scope)
