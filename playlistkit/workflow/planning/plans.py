"""Plans being worked on: stored in the library with their whole history; changes can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from playlistkit import exporters, objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.plans import JoinMark, KeptPlan
from playlistkit.model import Plan
from playlistkit.planner.sessions.alternatives import alternatives_in
from playlistkit.planner.sessions.standing import Standing
from playlistkit.planner.sessions.swapping import swapped_in
from playlistkit.report.words import title_of
from playlistkit.workflow.output.export import follow, plan_json
from playlistkit.workflow.planning import build, swap
from playlistkit.workflow.planning.today import heard_before

__all__ = [
    "Kept", "change", "choices_for", "energies_heard", "keep", "kept", "lock", "mark_join", "plan_anew",
    "prepare_choices", "redo", "remember", "swap_in", "trial", "undo",
]  # fmt: skip

PLANNED = "Planned"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored plan in its present state."""

    plan: Plan
    entry: KeptPlan

    @property
    def id(self) -> str:
        """Its id in the library."""
        return self.entry.id


def keep(library: Library, plan: Plan, *, client: str | None = None) -> str:
    """Store a new plan to work on; returns its id. A new alias is created."""
    if client is not None:
        library.clients.add(client)
    return library.plans.keep(plan_json(plan), name=plan.name, what=PLANNED, client=client)


def kept(library: Library, plan: str) -> Kept:
    """A stored plan in its present state, with its files where the library now finds them.

    Raises
    ------
    InputError
        If there is none with this id.
    """
    entry = library.plans.get(plan)
    return Kept(follow(_read(entry.text), library), entry)


def energies_heard(plan: Plan) -> tuple[float | None, ...]:
    """Mean energy of each slot of a plan and its tail, as heard there."""
    slots = (*plan.slots, *plan.tail)
    return objective.energies_heard(plan.session, slots) if slots else ()


def change(
    library: Library, plan: str, changed: Plan, what: str, locked: Sequence[str] | None = None
) -> None:
    """Store a changed plan; `what` says what was done."""
    before = library.plans.get(plan)
    library.plans.revise(
        plan, plan_json(changed), what=what, locked=before.locked if locked is None else locked
    )


def remember(library: Library, plan: str) -> int | None:
    """Remember a plan as a session of its client; returns the session's number.

    Raises
    ------
    InputError
        If the plan has no client.
    """
    found = kept(library, plan)
    if found.entry.client is None:
        raise InputError("this was planned without a client; plan it again with an alias")
    return build.remember(found.plan, library, found.entry.client)


def lock(library: Library, plan: str, track: str, locked: bool) -> None:
    """Lock a track in its place when the rest is planned again, or unlock it."""
    entry = library.plans.get(plan)
    title = next((slot.track.title for slot in _read(entry.text).slots if slot.track.id == track), None)
    others = tuple(each for each in entry.locked if each != track)
    what = f"{'Locked' if locked else 'Unlocked'} “{title or track}”"
    library.plans.revise(plan, entry.text, what=what, locked=(*others, track) if locked else others)


def choices_for(library: Library, plan: str, slot: int, *, most: int = 12) -> tuple[swap.Alternative, ...]:
    """Tracks that could go in a slot of a stored plan, best first, without those its client has heard."""
    found = alternatives_in(_standing(library, plan), slot, most=most)
    if not all(each.track.path is None or Path(each.track.path).exists() for each in found):
        library.until_changed.forget()
        found = alternatives_in(_standing(library, plan), slot, most=most)
    return found


def prepare_choices(library: Library, plan: str) -> None:
    """Work out what `choices_for` needs for any slot of a stored plan, so that the next answer is quick."""
    _standing(library, plan)


def _standing(library: Library, plan: str) -> Standing:
    """A stored plan among the library's tracks."""

    def made() -> Standing:
        found = kept(library, plan)
        today = _today(library, found)
        return Standing.of(today, build.candidates(library, today.session, found.entry.client))

    return library.until_changed.of(("standing", plan), made)


def trial(library: Library, plan: str, slot: int, track: str) -> swap.Swap:
    """Try another track in a slot of a stored plan, without changing it."""
    locked = _places(kept(library, plan))
    wanted = library.resolve(track).track.id
    return swapped_in(_standing(library, plan), slot, wanted, locked=locked - {slot})


def swap_in(
    library: Library, plan: str, slot: int, track: str, tried: tuple[int, swap.Swap] | None = None
) -> swap.Swap:
    """Put another track into a slot of a stored plan; locked tracks stay.

    `tried` is the plan's revision and what `trial` gave then, if known.
    """
    before = kept(library, plan)
    if tried is not None and tried[0] == before.entry.revision:
        done = tried[1]
    else:
        done = trial(library, plan, slot, track)
    came = done.plan.slots[done.slot].track
    what = f"“{title_of(came)}” instead of “{title_of(before.plan.slots[slot].track)}”"
    change(library, plan, done.plan, what)
    return done


def plan_anew(library: Library, plan: str) -> None:
    """Plan a stored plan again around its locked tracks; refused if none is locked."""
    found = kept(library, plan)
    places = _places(found)
    if not places:
        raise InputError("nothing is locked; lock the tracks to keep, then plan the rest again")
    made = swap.around(_today(library, found), library, places, client=found.entry.client)
    change(library, plan, made, f"Planned the rest again around {len(places)} locked")


def mark_join(library: Library, plan: str, number: int, mark: JoinMark | None) -> None:
    """Mark how the join after slot `number` (from 0) sounds; refused if the plan has no such join."""
    found = kept(library, plan)
    slots = (*found.plan.slots, *found.plan.tail)
    if not 0 <= number < len(slots) - 1:
        raise InputError(f"this plan has no join {number + 1}; choose one that it has")
    library.plans.mark_join(plan, slots[number].track.id, slots[number + 1].track.id, mark)


def _places(found: Kept) -> set[int]:
    """The slots of the locked tracks."""
    return {k for k, slot in enumerate(found.plan.slots) if slot.track.id in found.entry.locked}


def _today(library: Library, found: Kept) -> Plan:
    """The plan, with its client's earlier tracks (which no plan stores) as used; its own tracks are free."""
    if found.entry.client is None:
        return found.plan
    used, last = heard_before(library, found.entry.client, None)
    own = {slot.track.id for slot in (*found.plan.slots, *found.plan.tail)}
    session = replace(found.plan.session, used_tracks=used - own, last_session=last)
    return replace(found.plan, session=session)


def undo(library: Library, plan: str) -> None:
    """Undo the last change."""
    library.plans.step(plan, -1)


def redo(library: Library, plan: str) -> None:
    """Redo what was undone."""
    library.plans.step(plan, 1)


@lru_cache(maxsize=16)
def _read(text: str) -> Plan:
    """Parse a stored plan; cached, since each view of it parses the same text."""
    return exporters.plan_json.loads(text, "a kept plan")
