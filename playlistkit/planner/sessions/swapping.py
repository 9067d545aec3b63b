"""`swapped`: put another track in a slot, moving as little else as possible; `around`: replan all but some slots."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from playlistkit.arguments import checks_arguments
from playlistkit.blas import one_thread
from playlistkit.errors import InputError, ShortfallError
from playlistkit.facts.conflicts import NotAround, NotSwapped
from playlistkit.facts.fact import Fact
from playlistkit.facts.scope import BY_HAND
from playlistkit.facts.warned import ChosenAgainst
from playlistkit.given import id_given
from playlistkit.model import Candidate, Certificate, Plan, Shortfall, Slot, Track
from playlistkit.objective import Judgement, judge, why_barred
from playlistkit.planner.feasibility.relaxation import marked
from playlistkit.planner.sessions.completed import completed
from playlistkit.planner.sessions.reasons import explained, told
from playlistkit.planner.sessions.regions import planned_anew, regions_around
from playlistkit.planner.sessions.standing import Standing

__all__ = ["Swap", "around", "swapped", "swapped_in"]


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


@one_thread()
@checks_arguments
def swapped(
    plan: Plan,
    candidates: Iterable[Candidate],
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
    standing, locked = Standing.of(plan, candidates), locked
    return swapped_in(standing, slot, track, locked=locked)


@one_thread()
def swapped_in(standing: Standing, slot: int, track: str, *, locked: Collection[int] = ()) -> Swap:
    """`swapped` of a plan that stands among its candidates already."""
    standing.check(slot, *locked)
    row = _row_of(standing, slot, id_given(track, "track"))
    locked = set(locked) - {slot}
    path = list(zip(standing.phases, standing.rows, strict=True))
    path[slot] = standing.phases[slot], row
    whole = standing.laid(slot, path[slot:])
    if not standing.breaks(whole, standing.pool.candidates[row].track):
        return _swap(standing, whole, slot, row)
    tried: set[tuple[int, int]] = set()
    for regions in regions_around(standing, slot):
        found = []
        for region in regions:
            if region in tried:
                continue
            tried.add(region)
            slots = planned_anew(standing, slot, row, *region, locked)
            if slots is not None:
                found.append(slots)
        if found:
            best = min(found, key=lambda each: judge(standing.session, each, standing.kept).score.total)
            return _swap(standing, best, slot, row)
    title = standing.pool.candidates[row].track.title or track
    name = standing.slots[slot].phase
    raise ShortfallError((Shortfall(name, 0.0, "swap", NotSwapped(title, slot + 1, name)),))


@one_thread()
@checks_arguments
def around(plan: Plan, candidates: Iterable[Candidate], locked: Collection[int]) -> Plan:
    r"""The plan, replanned around some slots, whose tracks still play at the middle of their present times.

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
    standing, locked = Standing.of(plan, candidates), locked
    standing.check(*locked)
    slots = planned_anew(standing, None, None, 0, len(standing.slots) - 1, set(locked), renew=True)
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

    def reasoned(slots: tuple[Slot, ...], judgement: Judgement) -> tuple[Slot, ...]:
        known = explained(slots, judgement, session)
        if session.best_effort:
            known = marked(session, known, judgement)
        return _with_old_words(plan.slots, known)

    played = {slot.track.id for slot in slots}
    fits = not plan.tail or (
        slots[-1].track.id == plan.slots[-1].track.id
        and abs(slots[-1].start - plan.slots[-1].start) <= SHIFTED
        and not any(each.track.id in played for each in plan.tail)
    )
    whole = completed(session, pool, slots, reasoned=reasoned, after=plan.tail if fits else None)
    warned: list[Fact] = []
    if chosen is not None:
        at = next(slot for slot in whole.slots if slot.track.id == pool.candidates[chosen].track.id)
        phase = next(each for each in pool.arc.phases if each.name == at.phase)
        barred = why_barred(session, phase, pool.candidates[chosen])
        warned += [ChosenAgainst(barred[1])] if barred else []
    return replace(
        plan,
        session=session,
        phases=whole.phases,
        slots=whole.slots,
        reserves=whole.reserves,
        tail=whole.tail,
        warnings=told(*warned, *whole.warnings),
        score=whole.judgement.score,
        certificate=_certificate(plan, whole.judgement.score.total),
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
