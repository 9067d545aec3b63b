"""Today's session: a template and choices, checked against the library and against each other."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Unpack

from playlistkit import template as templates
from playlistkit.credits import Credits, name_forms
from playlistkit.errors import InputError
from playlistkit.given import id_given, list_given, number_given, shown, whole_given
from playlistkit.library import ClientSession, Library
from playlistkit.model import Candidate, Pin, Player, Session, Template, Track
from playlistkit.names import holds_alias, typed
from playlistkit.template.relaxing import given_up, relaxed
from playlistkit.workflow.library import opened
from playlistkit.workflow.planning.choices import Choices, checked, takes_choices
from playlistkit.workflow.templates.finding import load_template

__all__ = [
    "MOST_OVERLAP", "check_overlap", "given_up", "heard_before", "parse_pin", "seconds", "session", "sessions_of",
]  # fmt: skip

MOST_OVERLAP = {"files": 30.0, "spotify": 12.0, "render": 30.0}
"""Longest crossfade of each player, in seconds."""


@takes_choices
def session(
    template: Template | str | os.PathLike[str], library: Library, **choices: Unpack[Choices]
) -> Session:
    """The session that `build` plans, with its choices checked against template and library.

    Parameters
    ----------
    template : Template, str or path
        The arc; a path or a shipped name is loaded.
    library : Library
        Where the tracks are.
    **choices

    Returns
    -------
    Session
        For `plan`, with candidates of your own.

    Raises
    ------
    TemplateError, InputError
        If the template or one of the choices is wrong.

    Examples
    --------
    >>> with pk.Library("music.db") as library:
    ...     today = pk.session("mine.yaml", library, minutes={"peak": 4}, player="render")
    >>> today.player, today.minutes
    ('render', {'peak': 4.0})
    """
    opened(library)
    if not isinstance(template, Template):
        template = load_template(template)
    today = checked(choices)
    if not template.build:
        note = f" {template.note.strip()}" if template.note else ""
        raise InputError(f"{template.name}: not assembled automatically; take another template.{note}")
    player: Player = today["player"]
    overlap = None if today["overlap"] is None else number_given(today["overlap"], "overlap")
    check_overlap(overlap, player)
    check_name(str(today["name"] or template.name), library)
    if today["client"] is not None:
        library.clients.check(str(today["client"]))
    variants = tuple(list_given(today["variants"], "variants"))
    minutes = _minutes_given(today["minutes"])
    given = tuple(list_given(today["give_up"], "give_up"))
    template = relaxed(templates.with_minutes(templates.vary(template, variants), minutes), given)
    tracks, artists = _excluded(list_given(today["exclude"], "exclude"), library)
    used, last = heard_before(library, today["client"], today["client_session"])
    return Session(
        template=template,
        name=today["name"] or template.name,
        variants=variants,
        minutes=minutes,
        pins=tuple(_pin_given(pin, template, library) for pin in list_given(today["pins"], "pins")),
        excluded_tracks=frozenset(tracks),
        excluded_artists=frozenset(artists),
        used_tracks=frozenset() if today["allow_repeats"] or "used" in given else used,
        last_session=last,
        player=player,
        overlap=overlap,
        seed=None if today["seed"] is None else whole_given(today["seed"], "seed"),
        strict=bool(today["strict"]),
        best_effort=bool(today["best_effort"]),
    )


def _pin_given(pin: object, template: Template, library: Library) -> Pin:
    if isinstance(pin, Pin):
        return pin
    if not isinstance(pin, str | Candidate | Track):
        raise InputError(f"pins: {shown(pin)} is not a pin; give Pin(track, phase) or 'TRACK@phase'")
    return parse_pin(id_given(pin, "pins"), template, library)


def _minutes_given(minutes: Mapping[str, float] | None) -> dict[str, float]:
    if minutes is not None and not isinstance(minutes, Mapping):
        raise InputError(f"minutes={shown(minutes)}: give minutes by phase, {{'peak': 40}}")
    return {phase: number_given(count, f"minutes of {phase}") for phase, count in (minutes or {}).items()}


def check_name(name: str, library: Library) -> None:
    """Refuse a name that identifies a client: it appears in every file and playlist made from the plan.

    Raises
    ------
    InputError
        If it holds the alias of a client, also inside a word.
    """
    for each in library.clients.list():
        if holds_alias(name, each.alias):
            raise InputError(
                f"the name {name!r} holds {each.alias!r}, the alias of a client; nothing of a client may stand in a "
                "plan: choose another name"
            )


def check_overlap(overlap: float | None, player: Player) -> None:
    """Refuse an overlap that the player can't do.

    Raises
    ------
    InputError
        If it is out of the player's range, or there is no such player.
    """
    if player not in MOST_OVERLAP:
        raise InputError(f"there is no player {player!r}; it is one of {', '.join(MOST_OVERLAP)}")
    if overlap is not None and not 0 <= overlap <= MOST_OVERLAP[player]:
        raise InputError(
            f"an overlap of {overlap:g} s can't be played for {player!r}; "
            f"give 0 to {MOST_OVERLAP[player]:g} seconds"
        )


def parse_pin(text: str, template: Template, library: Library) -> Pin:
    """The pin in ``"TRACK"``, ``"TRACK@PHASE"``, ``"TRACK@PHASE:first"`` or ``"TRACK@H:MM:SS"``."""
    name, at, where = text.rpartition("@")
    if not at:
        return Pin(library.resolve(text).track.id)
    phases = [phase.name for phase in template.phases]
    phase, _, place = where.partition(":")
    if phase in phases and place in ("", "first", "last"):
        return Pin(library.resolve(name).track.id, phase=phase, place=place or None)  # type: ignore[arg-type]
    if re.fullmatch(r"(\d+:[0-5]?\d|\d+):[0-5]\d", where):
        return Pin(library.resolve(name).track.id, time=seconds(where))
    try:  # a title may hold an @ of its own
        return Pin(library.resolve(text).track.id)
    except InputError:
        near = difflib.get_close_matches(phase, phases, n=1) or [phases[0]]
        raise InputError(
            f"pin {text!r}: {where!r} is neither a phase of {template.name!r} ({', '.join(phases)}; "
            f"with :first or :last) nor a time such as 1:05:00; did you mean '{name}@{near[0]}'?"
        ) from None


def seconds(clock: str) -> float:
    """Seconds in ``"MM:SS"`` or ``"H:MM:SS"``."""
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total


def heard_before(
    library: Library, client: str | None, planned_again: int | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Ids of the tracks a client's other sessions used; and those of the last session before this, in order."""
    others = sessions_of(library, client, planned_again)
    earlier = [each.tracks for each in others if planned_again is None or each.number < planned_again]
    used = frozenset(track for each in others for track in each.tracks)
    return used, earlier[-1] if earlier else ()


def sessions_of(library: Library, client: str | None, planned_again: int | None) -> list[ClientSession]:
    """A client's sessions in order, without the one being planned again."""
    if client is None:
        if planned_again is not None:
            raise InputError(f"session {planned_again}: nobody says of whom; name the client")
        return []
    known = {each.alias for each in library.clients.list()}
    sessions = library.clients.sessions(client) if client.strip() in known else []
    numbers = [each.number for each in sessions]
    if planned_again is not None and planned_again not in numbers:
        there = f"there are {', '.join(map(str, numbers))}" if numbers else "there are none yet"
        raise InputError(f"session {planned_again} of this client is not remembered; {there}")
    return [each for each in sessions if each.number != planned_again]


def _excluded(exclude: Iterable[str], library: Library) -> tuple[set[str], set[str]]:
    """Ids of excluded tracks; excluded artists, spelled as in the library."""
    tracks: set[str] = set()
    artists: set[str] = set()
    known: dict[str, set[str]] = {}  # spellings that differ in a hyphen are one name
    all_tracks: list[Track] = []
    for given in exclude:
        text = id_given(given, "exclude")
        if not all_tracks:
            all_tracks = [each.track for each in library.candidates(available=False)]
            for track in all_tracks:
                if track.artist:
                    known.setdefault(typed(track.artist), set()).add(track.artist)
        wanted = typed(text)
        forms = name_forms(text)
        credited = Credits(all_tracks, forms)
        if wanted in known or any(
            not forms.isdisjoint(name_forms(name)) for track in all_tracks for name in credited.people(track)
        ):
            artists |= known.get(wanted, {text})
        else:
            try:
                tracks.add(library.resolve(text).track.id)
            except InputError as error:
                near = difflib.get_close_matches(wanted, known, n=1)
                hint = f"; did you mean the artist {min(known[near[0]])!r}?" if near else ""
                raise InputError(f"there is no artist {text!r} to exclude, and {error}{hint}") from None
    return tracks, artists
