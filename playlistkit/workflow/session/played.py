"""A session as played: turn its record into a plan to export and into what a client has heard."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playlistkit import exporters
from playlistkit.errors import InputError, LibraryError
from playlistkit.library import Library
from playlistkit.model import Features, Plan, PlannedPhase, Slot, Track
from playlistkit.ordinary import read_ordinary
from playlistkit.player import Event, from_json
from playlistkit.player.place import Lock, Place

__all__ = [
    "Record",
    "collect",
    "drop",
    "heard_tracks",
    "played",
    "read_record",
    "record_of",
    "renamed",
    "uncollected",
]

SHORTEST = 20.0  # s; what played for less, before a skip say, is not listed
LINGERS = 25.0  # s for which an ending player may still run
HEARD = 60.0  # s after which a client counts as having heard a track; or half of it


@dataclass(frozen=True, slots=True)
class Record:
    """The events of a session, in order."""

    events: tuple[Event, ...]

    @property
    def complete(self) -> bool:
        """Whether the session ended rather than being interrupted."""
        return bool(self.events) and self.events[-1].what == "end"


def read_record(path: str | os.PathLike[str]) -> Record:
    """The record in a file.

    Raises
    ------
    InputError
        If it can't be read, or holds no record. A last line cut short by a power cut is ignored.
    """
    try:
        return parse_record(read_ordinary(Path(path).expanduser()), os.fspath(path))
    except OSError as error:
        raise InputError(f"{os.fspath(path)}: can't be read: {error.strerror}") from error


def parse_record(text: bytes, origin: str) -> Record:
    """The record in a text. As for `read_record`."""
    lines = text.splitlines()
    events = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(from_json(Event, line))
        except InputError as error:
            if number < len(lines) or not events:
                raise InputError(f"{origin}:{number}: is not a line of a session record: {error}") from error
    if not events or events[0].what != "begin":
        raise InputError(f"{origin}: is not a session record")
    return Record(tuple(events))


def played(record: Record) -> Plan:
    """The plan as played: the tracks that sounded, with their times, in the arc as it was.

    Raises
    ------
    InputError
        If the record names a plan that can't be read.
    """
    documents = [event.values["document"] for event in record.events if event.values.get("document")]
    if not documents:
        raise InputError("the record holds no plan")
    plans = [exporters.plan_json.loads(each, "the session's record") for each in documents]
    known: dict[str, tuple[Track, Features]] = {}
    for plan in plans:
        known |= {slot.track.id: (slot.track, slot.features) for slot in (*plan.slots, *plan.tail)}
        for ready in plan.reserves.values():
            known |= {each.track.id: (each.track, each.features) for each in ready}
    last = plans[-1]
    slots = [
        Slot(phase, start, end - start, *known[id_], gain=gain, reason=reason)
        for id_, phase, start, end, gain, reason in _stretches(record.events)
        if id_ in known and end - start >= SHORTEST
    ]
    return replace(
        last,
        name=f"{last.name}, as played",
        slots=tuple(slot for slot in slots if slot.phase != "tail"),
        tail=tuple(slot for slot in slots if slot.phase == "tail"),
        phases=_phases(last, [slot for slot in slots if slot.phase != "tail"]),
        reserves={},
        shortfalls=(),
        warnings=tuple(
            f"{int(event.elapsed) // 60} min in: {event.values['text']}"
            for event in record.events
            if event.what == "told" and not str(event.values["text"]).startswith("The session")
        ),
    )


REASONS = {
    "session": "As planned.",
    "tail": "The tail.",
    "reserve": "A reserve.",
    "grounding": "From the set for grounding.",
    "again": "Repeated, because nothing else could be played or the phase was held.",
}


def _stretches(events: Iterable[Event]) -> list[tuple[str, str, float, float, float, str]]:
    """Id, phase, start, end, gain and reason of each track that sounded, in order; pieces cut by a crash are joined."""
    found: list[tuple[str, str, float, float, float, str]] = []
    begun: dict[str, tuple[Event, float]] = {}
    at = 0.0
    for event in events:
        at = max(at, event.position)
        if event.what in ("go on", "end"):  # an interrupted crossfade sounded no further than this
            found = [(*each[:3], min(each[3], event.position), *each[4:]) for each in found]
        if event.what == "track":
            begun[str(event.values["id"])] = (event, event.position)
        elif event.what == "track ends" and str(event.values["id"]) in begun:
            id_ = str(event.values["id"])
            first, start = begun.pop(id_)
            values = first.values
            stretch = (
                id_,
                "tail" if values["rung"] == "tail" else str(values["phase"]),
                start,
                event.position,
                float(values["gain"]) + float(values["level"]),
                REASONS.get(str(values["rung"]), ""),
            )
            if found and found[-1][0] == id_ and values["from"] > 0:
                stretch = (*found[-1][:3], *stretch[3:])
                found.pop()
            found.append(stretch)
    for id_, (first, start) in begun.items():  # interrupted
        values = first.values
        found.append((id_, str(values["phase"]), start, at, float(values["gain"]), REASONS["session"]))
    return sorted(found, key=lambda stretch: stretch[2])


def _phases(plan: Plan, slots: Sequence[Slot]) -> tuple[PlannedPhase, ...]:
    """Where each phase lay, and where it was planned."""
    targets = {phase.name: phase for phase in plan.phases}
    phases = []
    for name in dict.fromkeys(slot.phase for slot in slots):
        start = min(slot.start for slot in slots if slot.phase == name)
        end = max(slot.end for slot in slots if slot.phase == name)
        target = targets.get(name)
        meant = (target.target_start, target.target_end) if target else (start, end)
        phases.append(PlannedPhase(name, start, end, *meant, residual=end - meant[1]))
    return tuple(phases)


def heard_tracks(record: Record) -> list[str]:
    """Ids of the tracks that were really heard, in order, each once."""
    plan = played(record)
    return list(
        dict.fromkeys(
            slot.track.id
            for slot in (*plan.slots, *plan.tail)
            if slot.duration >= min(HEARD, slot.track.duration / 2)
        )
    )


def uncollected(folder: str | os.PathLike[str] | None = None, *, patience: float = 0.0) -> str | None:
    """The client whose session no longer plays, and whose record the player's folder still holds; needs no library.

    A player that has ended lingers for some seconds; this waits up to `patience` seconds for it.
    """
    place = Place(folder)
    client: str | None = place.options().get("client")
    if client is None:
        return None
    end = time.monotonic() + patience
    while not _idle(place):
        if time.monotonic() >= end:
            return None
        time.sleep(0.2)
    return client


def collect(
    library: Library, folder: str | os.PathLike[str] | None = None, *, patience: float = 0.0
) -> tuple[str, int] | None:
    """File an ended session's record under its client, and delete it elsewhere.

    The client's planned session then holds what was really heard. This waits for the player as `uncollected` does.

    Returns
    -------
    tuple of str and int, or None
        The client and the session's number; None if there is nothing to file.
    """
    client = uncollected(folder, patience=patience)
    if client is None:
        return None
    place = Place(folder)
    kept = Path(place.options().get("record") or place.record_file)
    try:
        text = kept.read_bytes()
    except OSError:
        return None
    record = parse_record(text, str(kept))
    if not record.complete:  # it may be continued
        return None
    document = str(record.events[0].values["document"])
    planned = [slot.track.id for slot in _every(exporters.plan_json.loads(document, str(kept)))]
    sessions = (
        library.clients.sessions(client) if client in {each.alias for each in library.clients.list()} else []
    )
    number = next((each.number for each in reversed(sessions) if list(each.tracks) == planned), None)
    number = library.clients.remember(client, heard_tracks(record), session=number)
    library.clients.keep_record(client, number, text)
    _forget(place)
    return client, number


def _every(plan: Plan) -> tuple[Slot, ...]:
    return (*plan.slots, *plan.tail)


def record_of(library: Library, client: str, session: int | None = None) -> Record:
    """The stored record of a client's session, by default the last that has one.

    Raises
    ------
    InputError
        If there is none.
    """
    text = library.clients.record(client, session)
    if text is None:
        which = "no session" if session is None else f"no session {session}"
        raise InputError(
            f"{which} of {client!r} is kept as it was played; a session that is begun for the client is"
        )
    return parse_record(text, f"the record of {client!r}")


def drop(client: str, folder: str | os.PathLike[str] | None = None) -> None:
    """Delete what the player's folder still holds about a client whose session may not have been collected.

    Raises
    ------
    LibraryError
        If that session is playing.
    """
    place = Place(folder)
    if _held_for(place, client):
        _forget(place)


def renamed(library: Library, client: str, new: str, folder: str | os.PathLike[str] | None = None) -> None:
    """Collect what the player's folder still holds about a client; what must stay there gets the new alias.

    Raises
    ------
    LibraryError
        If that session is playing.
    """
    place = Place(folder)
    if (
        _held_for(place, client) and collect(library, folder) is None
    ):  # it was interrupted, and may be continued
        place.write(place.options_file, json.dumps({**place.options(), "client": new}))


def _held_for(place: Place, client: str) -> bool:
    """Whether the folder holds a client's session that is no longer playing."""
    if place.options().get("client") != client.strip():
        return False
    end = time.monotonic() + LINGERS
    while not _idle(place):
        left = place.snapshot()
        if time.monotonic() >= end or (left is not None and left.mode != "ending"):
            raise LibraryError(
                f"the session of {client!r} is playing; end it first: `playlistkit session end`"
            )
        time.sleep(0.2)
    return True


def _idle(place: Place) -> bool:
    """Whether nothing plays there."""
    if not place.folder.is_dir():
        return True
    return Lock(place).free()


def _forget(place: Place) -> None:
    place.record_file.unlink(missing_ok=True)
    place.clear()
