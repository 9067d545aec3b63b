"""Plans that are being worked on: kept in the library with their whole history, and changed with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from playlistkit import exporters, objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.plans import JoinMark, KeptPlan
from playlistkit.model import Plan
from playlistkit.report.words import title_of
from playlistkit.workflow import build, swap
from playlistkit.workflow.export import follow, plan_json

__all__ = [
    "Kept", "change", "choices_for", "energies_heard", "keep", "kept", "lock", "mark_join", "plan_anew", "redo",
    "remember", "swap_in", "trial", "undo",
]  # fmt: skip

PLANNED = "Planned"


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it is now, and what is known beside it."""

    plan: Plan
    entry: KeptPlan

    @property
    def id(self) -> str:
        """By which the library knows it."""
        return self.entry.id


def keep(library: Library, plan: Plan, *, client: str | None = None) -> str:
    """Keep a plan that was just made, to work on; its id. A new alias is known from now on."""
    if client is not None:
        library.clients.add(client)
    return library.plans.keep(plan_json(plan), name=plan.name, what=PLANNED, client=client)


def kept(library: Library, plan: str) -> Kept:
    """A plan as it is now, its files where the library knows them to be.

    Raises
    ------
    InputError
        If there is none with this id.
    """
    entry = library.plans.get(plan)
    return Kept(follow(_read(entry.text), library), entry)


def energies_heard(plan: Plan) -> tuple[float | None, ...]:
    """Mean energy of each slot of a plan and its tail, as it is heard there."""
    slots = (*plan.slots, *plan.tail)
    return objective.energies_heard(plan.session, slots) if slots else ()


def change(
    library: Library, plan: str, changed: Plan, what: str, locked: Sequence[str] | None = None
) -> None:
    """Keep a change of a plan; `what` says in words what was done."""
    before = library.plans.get(plan)
    library.plans.revise(
        plan, plan_json(changed), what=what, locked=before.locked if locked is None else locked
    )


def remember(library: Library, plan: str) -> int | None:
    """Remember a plan as a session of the client for whom it was planned; the session's number.

    Raises
    ------
    InputError
        If it was planned for nobody.
    """
    found = kept(library, plan)
    if found.entry.client is None:
        raise InputError("this was planned for nobody; plan it again with an alias")
    return build.remember(found.plan, library, found.entry.client)


def lock(library: Library, plan: str, track: str, locked: bool) -> None:
    """Let a track stay where it is when the rest is planned anew, or no longer."""
    entry = library.plans.get(plan)
    title = next((slot.track.title for slot in _read(entry.text).slots if slot.track.id == track), None)
    others = tuple(each for each in entry.locked if each != track)
    what = f"{'Locked' if locked else 'Unlocked'} “{title or track}”"
    library.plans.revise(plan, entry.text, what=what, locked=(*others, track) if locked else others)


def choices_for(library: Library, plan: str, slot: int, *, most: int = 12) -> tuple[swap.Alternative, ...]:
    """What else could stand in a slot of a kept plan, the best first; what its client heard before is left out."""
    found = kept(library, plan)
    return swap.alternatives(_today(library, found), library, slot, most=most, client=found.entry.client)


def trial(library: Library, plan: str, slot: int, track: str) -> swap.Swap:
    """A kept plan as it would be with another track in a slot; nothing is changed."""
    found = kept(library, plan)
    locked = _places(found)
    return swap.swapped(
        _today(library, found), library, slot, track, locked=locked - {slot}, client=found.entry.client
    )


def swap_in(library: Library, plan: str, slot: int, track: str) -> swap.Swap:
    """Put another track into a slot of a kept plan; locked tracks stay where they are."""
    before = kept(library, plan).plan.slots
    done = trial(library, plan, slot, track)
    came = done.plan.slots[done.slot].track
    change(library, plan, done.plan, f"“{title_of(came)}” instead of “{title_of(before[slot].track)}”")
    return done


def plan_anew(library: Library, plan: str) -> None:
    """Plan a kept plan anew around what is locked in it."""
    found = kept(library, plan)
    places = _places(found)
    if not places:
        raise InputError("nothing is locked; lock the tracks that are to stay, then plan the rest anew")
    made = swap.around(_today(library, found), library, places, client=found.entry.client)
    change(library, plan, made, f"The rest planned anew around {len(places)} locked")


def mark_join(library: Library, plan: str, number: int, mark: JoinMark | None) -> None:
    """Say what the join after slot `number`, from 0, is like to hear."""
    found = kept(library, plan)
    slots = (*found.plan.slots, *found.plan.tail)
    if not 0 <= number < len(slots) - 1:
        raise InputError(f"this plan has no join {number + 1}; choose one that it has")
    library.plans.mark_join(plan, slots[number].track.id, slots[number + 1].track.id, mark)


def _places(found: Kept) -> set[int]:
    """Where the locked tracks stand."""
    return {k for k, slot in enumerate(found.plan.slots) if slot.track.id in found.entry.locked}


def _today(library: Library, found: Kept) -> Plan:
    """The plan with what its client heard before, which no plan holds; its own tracks are free."""
    if found.entry.client is None:
        return found.plan
    used, last = build.heard_before(library, found.entry.client, None)
    own = {slot.track.id for slot in (*found.plan.slots, *found.plan.tail)}
    session = replace(found.plan.session, used_tracks=used - own, last_session=last)
    return replace(found.plan, session=session)


def undo(library: Library, plan: str) -> None:
    """Take the last change back."""
    library.plans.step(plan, -1)


def redo(library: Library, plan: str) -> None:
    """Do again what was taken back."""
    library.plans.step(plan, 1)


@lru_cache(maxsize=16)
def _read(text: str) -> Plan:
    """A plan is read again for each look at it, and seldom changes between two."""
    return exporters.plan_json.loads(text, "a kept plan")
