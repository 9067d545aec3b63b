"""Plans that are being worked on: kept in the library with their whole history, and changed with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from playlistkit import exporters
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.plans import KeptPlan
from playlistkit.model import Plan
from playlistkit.workflow import build
from playlistkit.workflow.export import follow, plan_json

__all__ = ["Kept", "change", "keep", "kept", "lock", "redo", "remember", "undo"]

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
